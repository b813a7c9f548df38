import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StreamDecoderFactory, type DecodedFrame, type EncodeOptions, type PictureRegion } from '../../index.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { numberedClip, type NumberedClipOptions } from '../support/numbered-clip.js';
import { decodeJpeg, psnr, type Picture } from '../support/picture.js';
import { requires } from '../support/requires.js';

/** Luma of two encodes of the same samples at quality 95 has 45 dB and more; a row or a column off leaves less than 30. */
const SAME_DB = 42;

const CAMERAS: readonly ({ readonly id: string } & NumberedClipOptions)[] = [
  { id: 'h264' },
  { id: 'anamorphic', sampleAspectRatio: '16/11' },
  { id: 'mjpeg', codec: 'mjpeg' },
];

describe('a part of a picture', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const frames = new Map<string, DecodedFrame>();
  let factory: StreamDecoderFactory;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    factory = cleanup.add(StreamDecoderFactory.getInstance(0), (it) => it.close());
    for (const { id, ...options } of CAMERAS) {
      const clip = await numberedClip({ frames: 50, ...options });
      const mount = simulator.addMount(`/${id}`, await loadClip(clip.path, id === 'mjpeg' ? { fps: clip.fps } : {}));
      const decoder = factory.createDecoder(mount.url);
      const live = new Promise<void>((resolve) => {
        decoder.onStateChange(({ name }) => name === 'live' && resolve());
      });
      decoder.start();
      await live;
      const frame = await decoder.getLatestFrame();
      frames.set(
        id,
        cleanup.add(frame, async (it) => it.release()),
      );
    }
  });

  after(() => cleanup.run());

  async function pictureOf(id: string, options: EncodeOptions): Promise<Picture> {
    return decodeJpeg(await factory.encodeJpeg(frames.get(id)!, { quality: 95, ...options }));
  }

  for (const { id } of CAMERAS) {
    for (const crop of [
      { x: 64, y: 32, width: 200, height: 100 },
      { x: 101, y: 51, width: 201, height: 101 },
      { x: 0, y: 1, width: 640, height: 359 },
    ]) {
      test(`${id}: ${Object.values(crop).join()} is what the whole picture shows there`, async () => {
        const part = await pictureOf(id, { crop });
        assert.deepEqual([part.width, part.height], [crop.width, crop.height]);
        const similarity = psnr(lumaOf(part.rgb), lumaOf(cutFrom(await pictureOf(id, {}), crop)));
        assert.ok(similarity >= SAME_DB, `Expected the same picture but it has ${similarity.toFixed(1)} dB`);
      });
    }

    test(`${id}: crop, then cover of a box`, async () => {
      const crop = { x: 20, y: 40, width: 300, height: 200 };
      const covering = await pictureOf(id, { crop, width: 100, height: 100, fit: 'cover' });
      const middle = await pictureOf(id, { crop: { ...crop, x: 70, width: 200 }, width: 100 });
      assert.deepEqual([covering.width, covering.height], [100, 100]);
      assert.ok(psnr(lumaOf(covering.rgb), lumaOf(middle.rgb)) >= SAME_DB);
    });

    test(`${id}: what lies outside of the picture is refused`, async () => {
      const frame = frames.get(id)!;
      const { width, height } = frame;
      await assert.rejects(factory.encodeJpeg(frame, { crop: { x: 1, y: 0, width, height } }), {
        code: 'ERR_BAD_PARAMETER',
        message:
          `Expected x,y,width,height inside the picture of ${width}x${height} pixels for crop ` +
          `but received 1,0,${width},${height}`,
      });
    });
  }

  test('the own picture of a camera that sends JPEG goes out only where it is whole', async () => {
    const frame = frames.get('mjpeg')!;
    const own = await factory.encodeJpeg(frame, {});
    assert.deepEqual(await factory.encodeJpeg(frame, { crop: { x: 0, y: 0, width: 640, height: 360 } }), own);
    assert.deepEqual(await factory.encodeJpeg(frame, { fit: 'cover', width: 1280, height: 720 }), own);
    const square = await decodeJpeg(await factory.encodeJpeg(frame, { fit: 'cover', width: 1280, height: 1280 }));
    assert.deepEqual([square.width, square.height], [360, 360]);
  });
});

function cutFrom({ width, rgb }: Picture, { x, y, width: columns, height: rows }: PictureRegion): Buffer {
  const row = (at: number): Buffer => rgb.subarray((at * width + x) * 3, (at * width + x + columns) * 3);
  return Buffer.concat(Array.from({ length: rows }, (_, index) => row(y + index)));
}

function lumaOf(rgb: Buffer): Buffer {
  return Buffer.from(
    Array.from({ length: rgb.length / 3 }, (_, pixel) => {
      const at = pixel * 3;
      return Math.round(0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!);
    }),
  );
}
