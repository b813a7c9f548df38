import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { encodeFrameToJpeg, StreamDecoderFactory, type DecodedFrame, type StreamDecoder } from '../../index.js';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';

const FRAMES = 250;

describe('the library', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let mount: Mount;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    mount = simulator.addMount('/camera', await loadClip((await numberedClip({ frames: FRAMES })).path));
  });

  after(() => cleanup.run());

  /** A decoder of the one camera, live. */
  async function liveDecoder(factory: StreamDecoderFactory): Promise<StreamDecoder> {
    const decoder = factory.createDecoder(mount.url, { bufferSize: 3 });
    decoder.start();
    await untilState(decoder, 'live');
    return decoder;
  }

  test('getInstance gives one factory for each GPU', async () => {
    const factory = StreamDecoderFactory.getInstance(0);
    assert.equal(StreamDecoderFactory.getInstance(0), factory);
    assert.notEqual(StreamDecoderFactory.getInstance(1), factory);
    await StreamDecoderFactory.getInstance(1).close();
    await factory.close();
    assert.notEqual(StreamDecoderFactory.getInstance(0), factory);
    await StreamDecoderFactory.getInstance(0).close();
  });

  test('a decoder goes from idle over live to closed', async () => {
    const factory = StreamDecoderFactory.getInstance(0);
    const decoder = factory.createDecoder(mount.url, { bufferSize: 3 });
    assert.equal(decoder.getStatus().state.name, 'idle');
    assert.equal(decoder.isConnected(), false);
    assert.equal(decoder.getBufferSize(), 0);
    await assert.rejects(decoder.getLatestFrame(), { code: 'ERR_STREAM_NOT_LIVE' });

    decoder.start();
    await untilState(decoder, 'live');
    assert.equal(decoder.isConnected(), true);
    assert.equal(mount.playing, 1);
    (await decoder.getLatestFrame()).release();
    assert.ok(decoder.getBufferSize() >= 1 && decoder.getBufferSize() <= 3);
    const { session } = decoder.getStatus();
    assert.deepEqual([session?.video?.codec, session?.video?.width, session?.video?.height], ['h264', 640, 360]);

    const left = once(mount, 'leave');
    await decoder.stop();
    assert.equal(decoder.isConnected(), false);
    assert.equal(decoder.getStatus().state.name, 'closed');
    await left;
    await assert.rejects(decoder.getLatestFrame(), { code: 'ERR_STREAM_NOT_LIVE' });
    assert.throws(() => decoder.start(), { code: 'ERR_STREAM_STOPPED' });
    await factory.close();
  });

  test('each next frame is newer, and its JPEG shows it', async () => {
    const factory = StreamDecoderFactory.getInstance(0);
    const decoder = await liveDecoder(factory);
    let last: { sequence: number; number: number; ptsUs: number } | undefined;
    for (let round = 0; round < 10; round++) {
      const frame = await decoder.getLatestFrame(last && { afterSequence: last.sequence });
      const { sequence, ptsUs } = frame;
      const number = readFrameNumber(await decodeJpeg(await encodeFrameToJpeg(frame, 80)));
      frame.release();
      assert.notEqual(number, undefined);
      if (last) {
        const steps = sequence - last.sequence;
        assert.ok(steps > 0);
        assert.equal((number! - last.number + FRAMES) % FRAMES, steps);
        // 25 frames a second.
        assert.ok(Math.abs(ptsUs - last.ptsUs - steps * 40_000) <= 12);
      }
      last = { sequence, number: number!, ptsUs };
    }
    await factory.close();
  });

  test('a frame outlives the decoder that gave it, until it is released', async () => {
    const factory = StreamDecoderFactory.getInstance(0);
    const decoder = await liveDecoder(factory);
    const frame: DecodedFrame = await decoder.getLatestFrame();
    await decoder.stop();
    assert.notEqual(readFrameNumber(await decodeJpeg(await encodeFrameToJpeg(frame, 80))), undefined);
    frame.release();
    frame.release();
    await assert.rejects(encodeFrameToJpeg(frame, 80), { code: 'ERR_FRAME_RELEASED' });
    await factory.close();
  });

  test('quality is checked, and counts', async () => {
    const factory = StreamDecoderFactory.getInstance(0);
    const decoder = await liveDecoder(factory);
    const frame = await decoder.getLatestFrame();
    for (const quality of [0, 101, 1.5, NaN]) {
      await assert.rejects(encodeFrameToJpeg(frame, quality), {
        message: `Expected integer 1-100 for quality but received ${quality}`,
      });
    }
    const [small, large] = await Promise.all([encodeFrameToJpeg(frame, 10), encodeFrameToJpeg(frame, 95)]);
    assert.ok(small.length * 2 < large.length);
    frame.release();
    await factory.close();
  });

  test('stop ends the requests in flight', async () => {
    const factory = StreamDecoderFactory.getInstance(0);
    const decoder = await liveDecoder(factory);
    const { sequence } = await decoder.getLatestFrame();
    const never = decoder.getLatestFrame({ afterSequence: sequence + 1_000_000 });
    const ended = assert.rejects(never, (error: { code: string }) => error.code.startsWith('ERR_STREAM_'));
    await decoder.stop();
    await ended;
    await factory.close();
  });

  test('timeoutMs bounds the wait', async () => {
    const factory = StreamDecoderFactory.getInstance(0);
    const decoder = await liveDecoder(factory);
    await assert.rejects(decoder.getLatestFrame({ afterSequence: Number.MAX_SAFE_INTEGER, timeoutMs: 50 }), {
      code: 'ERR_FRAME_TIMEOUT',
    });
    await factory.close();
  });

  test('close stops every decoder', async () => {
    const factory = StreamDecoderFactory.getInstance(0);
    const decoders = await Promise.all([liveDecoder(factory), liveDecoder(factory), liveDecoder(factory)]);
    await factory.close();
    for (const decoder of decoders) assert.equal(decoder.getStatus().state.name, 'closed');
  });

  test('a wrong URL is refused at once and not repeated in the message', () => {
    const factory = StreamDecoderFactory.getInstance(0);
    cleanup.add(factory, (it) => it.close());
    assert.throws(
      () => factory.createDecoder('http://user:hidden-word@host/'),
      (error: Error) => error.message.startsWith('Expected rtsp') && !error.message.includes('hidden-word'),
    );
  });
});

function untilState(decoder: StreamDecoder, name: string): Promise<void> {
  return new Promise((resolve) => {
    const stopListening = decoder.onStateChange((state) => {
      if (state.name !== name) return;
      stopListening();
      resolve();
    });
  });
}
