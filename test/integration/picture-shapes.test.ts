import assert from 'node:assert/strict';
import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { makeClip } from '../support/clips.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg, meanColour } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { Viewer } from '../support/viewer.js';

/** What each camera shows, and what must come out. */
const CAMERAS = [
  { id: 'b-frames-h264', clip: () => numberedClip({ bFrames: 3 }), size: [640, 360] },
  { id: 'b-frames-h265', clip: () => numberedClip({ codec: 'h265', bFrames: 3 }), size: [640, 360] },
  { id: 'mjpeg', clip: () => numberedClip({ codec: 'mjpeg', frames: 50 }), size: [640, 360] },
  // 704x576 shown at 16:9, the way of many analogue encoders.
  { id: 'wide-pixels', clip: () => numberedClip({ ...PAL, sampleAspectRatio: '16/11' }), size: [1024, 576] },
  { id: 'tall-pixels', clip: () => numberedClip({ ...PAL, sampleAspectRatio: '10/11' }), size: [704, 634] },
  { id: 'portrait', clip: () => numberedClip({ width: 360, height: 648, frames: 50 }), size: [360, 648] },
  // 1088 lines are coded, 1080 are shown.
  { id: 'cropped', clip: () => numberedClip({ width: 1920, height: 1080, frames: 25, gop: 25 }), size: [1920, 1080] },
];
const PAL = { width: 704, height: 576, frames: 50 };

describe('pictures of every shape', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  const frames = new Map<string, number>();

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'framewell-clips-'));
    cleanup.add(folder, (path) => rm(path, { recursive: true }));
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const cameras = [];
    for (const { id, clip } of CAMERAS) {
      const made = await clip();
      frames.set(id, made.frames);
      cameras.push({ id, url: simulator.addMount(`/${id}`, await loadClip(made.path, { fps: made.fps })).url });
    }
    for (const [id, path] of [
      ['odd-h264', await oddClip('libx264')],
      ['odd-h265', await oddClip('libx265')],
      ['size-changes', await joinedClip(folder)],
    ] as const) {
      cameras.push({ id, url: simulator.addMount(`/${id}`, await loadClip(path, { fps: 25 })).url });
    }
    server = await FramewellServer.start({ cameras });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  for (const { id, size } of CAMERAS) {
    test(`${id}: comes out ${size.join('x')} with square pixels, numbers rising`, async () => {
      await server.untilState(id, 'live');
      let last: { number: number; sequence: number } | undefined;
      for (let round = 0; round < 5; round++) {
        const answer = await server.snapshot(id, '?quality=90');
        assert.equal(answer.status, 200, answer.body.toString());
        const picture = await decodeJpeg(answer.body);
        assert.deepEqual([picture.width, picture.height], size);
        const number = readFrameNumber(picture);
        assert.notEqual(number, undefined);
        const sequence = Number(answer.headers.get('x-frame-sequence'));
        // At the clip's end the numbers begin anew.
        if (last) assert.equal((sequence - last.sequence - (number! - last.number)) % frames.get(id)!, 0);
        last = { number: number!, sequence };
      }
      const camera = await server.camera(id);
      assert.deepEqual([camera.width, camera.height], size);
    });
  }

  for (const id of ['odd-h264', 'odd-h265']) {
    test(`${id}: an odd width and height come out whole`, async () => {
      await server.untilState(id, 'live');
      for (const { query, size } of [
        { query: '?quality=95', size: [321, 241] },
        { query: '?quality=95&width=161', size: [161, 121] },
      ]) {
        const answer = await server.snapshot(id, query);
        assert.equal(answer.status, 200, answer.body.toString());
        const picture = await decodeJpeg(answer.body);
        assert.deepEqual([picture.width, picture.height], size);
        // The last column and row belong to the blue and the white field; grey or green there is padding.
        const [red, green, blue] = meanColour(picture, { left: 1 - 1 / size[0]!, top: 0.2, width: 0, height: 0.2 });
        assert.ok(
          red < 20 && green < 20 && blue > 170,
          `Expected blue at the right but received ${red},${green},${blue}`,
        );
        const bottom = meanColour(picture, { left: 0.2, top: 1 - 1 / size[1]!, width: 0.05, height: 0 });
        assert.ok(Math.min(...bottom) > 170, `Expected white at the bottom but received ${bottom.join()}`);
      }
    });
  }

  test('size-changes: each picture has the size of its frame, and none is torn', async () => {
    await server.untilState('size-changes', 'live');
    const viewer = await Viewer.open(server.origin, 'size-changes', '?quality=90');
    await viewer.received(120);
    viewer.close();
    const sizes = new Map<string, Set<number>>();
    for (const jpeg of viewer.pictures) {
      const picture = await decodeJpeg(jpeg);
      const number = readFrameNumber(picture);
      assert.notEqual(number, undefined);
      const size = `${picture.width}x${picture.height}`;
      sizes.set(size, (sizes.get(size) ?? new Set()).add(number!));
    }
    assert.deepEqual([...sizes.keys()].toSorted(), ['320x180', '640x360']);
    for (const [size, numbers] of sizes) {
      assert.ok(numbers.size >= 10, `Expected at least 10 different frames of ${size} but received ${numbers.size}`);
    }
    await server.untilCamera('size-changes', ({ width, height }) => width === 320 && height === 180);
    await server.untilCamera('size-changes', ({ width, height }) => width === 640 && height === 360);
  });
});

/** 4:4:4, because 4:2:0 cannot be cropped to an odd size. Static, so that any frame may be looked at. */
function oddClip(encoder: 'libx264' | 'libx265'): Promise<string> {
  const bars = 'color=white:size=321x241:rate=25,drawbox=x=280:w=41:h=200:color=blue:t=fill,format=yuv444p';
  const encoding = ['-c:v', encoder, '-preset', 'veryfast', '-bf', '0', '-g', '25', '-crf', '12'];
  const args = ['-f', 'lavfi', '-i', bars, '-frames:v', '50', ...encoding];
  return makeClip(`odd-${encoder}`, args, encoder === 'libx264' ? 'h264' : 'h265');
}

/** Two sizes in one byte stream, each with its own parameter sets in band. */
async function joinedClip(folder: string): Promise<string> {
  const large = await numberedClip({ frames: 50, gop: 25 });
  const small = await numberedClip({ width: 320, height: 180, frames: 50, gop: 25 });
  const path = join(folder, 'size-changes.h264');
  await writeFile(path, Buffer.concat([await readFile(large.path), await readFile(small.path)]));
  return path;
}
