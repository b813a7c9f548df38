import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  encodeFrameToJpeg,
  StreamDecoderFactory,
  type DecodedFrame,
  type StreamDecoder,
  type StreamState,
} from '../../index.js';
import type { Clip } from '../../simulator/clip/clip.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { sentAtMs } from '../support/burnt-in-clock.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';

const GOP = 50;
const FRAMES = 250;
const TIMEOUT_MS = 20_000;

interface Seen {
  readonly number: number;
  readonly sequence: number;
  readonly receivedAtMs: number;
}

/** Frames in the order they are shown, by their place in the order they are sent. */
function numbersOf(clip: Clip): number[] {
  const shown = clip.accessUnits.map((unit) => unit.presentationTicks).sort((one, other) => one - other);
  return clip.accessUnits.map((unit) => shown.indexOf(unit.presentationTicks));
}

describe('frames of before', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let simulator: SimulatorServer;
  let factory: StreamDecoderFactory;

  before(async () => {
    simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    factory = cleanup.add(StreamDecoderFactory.getInstance(0), (it) => it.close());
  });

  after(() => cleanup.run());

  /** A camera of its own and its decoder, live. */
  async function liveCamera(path: string, clip: Clip): Promise<{ mount: Mount; decoder: StreamDecoder }> {
    const mount = simulator.addMount(path, clip);
    const decoder = factory.createDecoder(mount.url);
    decoder.start();
    await untilState(decoder, 'live');
    return { mount, decoder };
  }

  /** Waits until the camera has sent so many access units, then makes it send no more. Gives the index of the last. */
  async function stallAfter(mount: Mount, accessUnits: number): Promise<number> {
    await until(async () => (mount.counters.accessUnits >= accessUnits ? true : undefined), {
      timeoutMs: TIMEOUT_MS,
      describe: () => `Expected ${accessUnits} access units but ${mount.counters.accessUnits} were sent`,
    });
    mount.change({ stalled: true });
    return mount.counters.accessUnits - 1;
  }

  /** Resolves once that many access units have arrived. */
  async function untilReceived(decoder: StreamDecoder, accessUnits: number): Promise<void> {
    const received = (): number => decoder.getStatus().session?.counters.accessUnits ?? 0;
    await until(async () => (received() >= accessUnits ? true : undefined), {
      timeoutMs: TIMEOUT_MS,
      describe: () => `Expected ${accessUnits} access units but ${received()} arrived`,
    });
  }

  async function drop(mount: Mount, decoder: StreamDecoder): Promise<void> {
    const down = untilState(decoder, 'backingOff');
    mount.change({ answer: { kind: 'close' } });
    mount.killSessions();
    await down;
  }

  test('getFrameAt gives the frame that was received then, while the camera is up and after', async () => {
    const { mount, decoder } = await liveCamera('/at', await loadClip((await numberedClip({ gop: GOP })).path));
    const seen: Seen[] = [];
    while ((seen.at(-1)?.number ?? 0) < GOP + 30) {
      seen.push(await see(await decoder.getLatestFrame({ afterSequence: seen.at(-1)?.sequence ?? 0 })));
    }
    const last = await stallAfter(mount, 0);
    await untilReceived(decoder, last + 1);
    const kept = seen.filter(({ number }) => number >= GOP);
    assert.ok(kept.length >= 5, `Expected frames since the keyframe but saw ${kept.length}`);

    for (const isUp of [true, false]) {
      if (!isUp) await drop(mount, decoder);
      for (const frame of kept) {
        assert.deepEqual(await see(await decoder.getFrameAt(frame.receivedAtMs)), frame);
        // Less than half a frame's time off.
        assert.equal((await see(await decoder.getFrameAt(frame.receivedAtMs + 5))).number, frame.number);
        const transitMs = frame.receivedAtMs - sentAtMs(mount, frame.number);
        assert.ok(transitMs >= -1, `Frame ${frame.number} was received ${-transitMs} ms before it was sent`);
      }
      const beforeKeyframeMs = sentAtMs(mount, GOP) - 1;
      for (const unixMs of [beforeKeyframeMs, Date.now() + 60_000]) {
        await assert.rejects(decoder.getFrameAt(unixMs), {
          name: 'StreamError',
          code: 'ERR_FRAME_NOT_KEPT',
          message: /^Expected a time from \d{13} to \d{13}, of which video is kept, but received \d{13}$/,
        });
      }
    }
    await decoder.stop();
    await assert.rejects(decoder.getFrameAt(kept[0]!.receivedAtMs), { code: 'ERR_FRAME_NOT_KEPT' });
  });

  for (const { what, options } of [
    { what: 'H.264', options: {} },
    { what: 'H.264 with B-frames', options: { bFrames: 2 } },
    { what: 'H.265 with B-frames', options: { codec: 'h265', bFrames: 2 } },
    { what: 'JPEG', options: { codec: 'mjpeg' } },
  ] as const) {
    test(`${what}: getLastFrame gives the last frame that a camera sent before it went down`, async () => {
      const numbered = await numberedClip({ gop: GOP, frames: FRAMES, ...options });
      const clip = await loadClip(numbered.path, what === 'JPEG' ? { fps: numbered.fps } : {});
      const { mount, decoder } = await liveCamera(`/last-${what.replace(/\W/g, '')}`, clip);
      const last = await stallAfter(mount, GOP + 20);
      await untilReceived(decoder, last + 1);
      await drop(mount, decoder);
      assert.equal(decoder.getStatus().session, undefined);

      const sent = numbersOf(clip).slice(0, last + 1);
      const frame = await see((await decoder.getLastFrame())!);
      assert.equal(frame.number, Math.max(...sent));
      const transitMs = frame.receivedAtMs - sentAtMs(mount, sent.indexOf(frame.number));
      assert.ok(transitMs >= -1 && transitMs < 1000, `Expected its time of arrival but it is ${transitMs} ms off`);
      assert.deepEqual(await see((await decoder.getLastFrame())!), frame);

      mount.change({ answer: { kind: 'serve' }, stalled: false });
      decoder.retry();
      await untilState(decoder, 'live');
      assert.ok((await see((await decoder.getLastFrame())!)).sequence > frame.sequence);
      await decoder.stop();
      assert.equal(await decoder.getLastFrame(), undefined);
    });
  }

  test('getLastFrame gives the last whole frame while packets are missing', async () => {
    const { mount, decoder } = await liveCamera('/loss', await loadClip((await numberedClip({ gop: GOP })).path));
    const gone = untilState(decoder, 'awaitingKeyframe');
    await until(async () => (mount.counters.accessUnits % GOP === 10 ? true : undefined), {
      timeoutMs: TIMEOUT_MS,
      describe: () => `Expected the tenth frame of a group but ${mount.counters.accessUnits} were sent`,
    });
    mount.change({ loss: { kind: 'next', packets: 3 } });
    const last = mount.counters.accessUnits - 1;
    await gone;
    // Until then nothing more comes, so that no keyframe does.
    mount.change({ stalled: true });
    const frame = await see((await decoder.getLastFrame())!);
    assert.equal(frame.number, last % FRAMES);
    assert.equal(decoder.getStatus().state.name, 'awaitingKeyframe');
    await decoder.stop();
  });
});

/** Reads the number in the frame's picture, and releases the frame. */
async function see(frame: DecodedFrame): Promise<Seen> {
  const { sequence, receivedAtMs } = frame;
  try {
    const number = readFrameNumber(await decodeJpeg(await encodeFrameToJpeg(frame, 90)));
    assert.ok(number !== undefined, 'Expected a frame number in the picture');
    return { number, sequence, receivedAtMs };
  } finally {
    frame.release();
  }
}

function untilState(decoder: StreamDecoder, name: StreamState['name']): Promise<void> {
  return new Promise((resolve) => {
    const stopListening = decoder.onStateChange((state) => {
      if (state.name !== name) return;
      stopListening();
      resolve();
    });
  });
}
