import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Clock } from '../../services/stream/clock.js';
import { encodeFrameToJpeg } from '../../services/stream/frame-owner.js';
import type { StreamDecoder } from '../../services/stream/stream-decoder.js';
import { StreamDecoderFactory } from '../../services/stream/stream-decoder-factory.js';
import { FakeBackend, type FakeSession } from '../support/fake-backend.js';

const REFUSED = { code: 'ERR_RTSP_REFUSED', message: 'The connection was refused' };
const UNAUTHORIZED = { code: 'ERR_RTSP_UNAUTHORIZED', message: 'The camera answered 401' };

/** Time passes only when the test says so. */
class ManualClock implements Clock {
  nowMs = 1_000_000;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  now(): number {
    return this.nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        untilMs: this.nowMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake, { once: true });
      if (signal.aborted) sleeper.wake();
    });
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const sleeper of this.#sleepers) if (sleeper.untilMs <= this.nowMs) sleeper.wake();
  }
}

let backend: FakeBackend;
let clock: ManualClock;
let factory: StreamDecoderFactory;
let decoder: StreamDecoder;
let states: string[];

/** Starts the camera and returns its first session. */
function start(): FakeSession {
  decoder.start();
  return backend.sessions[0]!;
}

async function startLive(): Promise<FakeSession> {
  const session = start();
  session.emit({ type: 'connected' });
  session.emit({ type: 'awaitingKeyframe' });
  session.emit({ type: 'live' });
  return session;
}

/** Ends the session, waits out the back-off and returns the next session. */
async function fail(session: FakeSession, cause = REFUSED): Promise<FakeSession> {
  const next = backend.nextSession();
  session.end(cause);
  while (clock.sleepers === 0) await new Promise(setImmediate);
  clock.advance(30_000);
  return next;
}

beforeEach(() => {
  backend = new FakeBackend();
  clock = new ManualClock();
  factory = new StreamDecoderFactory(backend, clock);
  decoder = factory.createDecoder('rtsp://user:secret@camera/stream', { bufferSize: 2 });
  states = [];
  decoder.onStateChange((state) => states.push(state.name));
});

describe('StreamDecoder', () => {
  it('opens one session when it is started, with what was asked for', () => {
    const session = start();
    decoder.start();
    assert.equal(backend.sessions.length, 1);
    assert.equal(session.source.host, 'camera');
    assert.equal(session.options.bufferSize, 2);
    assert.equal(session.options.decode, 'on-demand');
    assert.equal(decoder.isConnected(), false);
  });

  it('goes through its states, each told once', async () => {
    await startLive();
    assert.deepEqual(states, ['connecting', 'awaitingKeyframe', 'live']);
    assert.equal(decoder.isConnected(), true);
    assert.deepEqual(decoder.getStatus().state, { name: 'live', sinceMs: clock.nowMs });
  });

  it('tells why it backs off and when it tries again', async () => {
    const session = start();
    session.end(REFUSED);
    while (clock.sleepers === 0) await new Promise(setImmediate);
    const { state } = decoder.getStatus();
    assert.ok(state.name === 'backingOff');
    assert.deepEqual(state.cause, REFUSED);
    assert.equal(state.attempt, 1);
    assert.ok(state.retryAtMs >= clock.nowMs + 250 && state.retryAtMs <= clock.nowMs + 500);
  });

  it('connects again, one session after the other, and sequences go on', async () => {
    const first = await startLive();
    first.receiveFrame();
    first.receiveFrame();
    const second = await fail(first);
    assert.equal(second.options.firstSequence, 3);
    assert.equal(backend.sessions.length, 2);
    assert.equal(decoder.getStatus().sessions, 2);
    assert.equal(decoder.getStatus().newestFrame?.sequence, 2);
  });

  it('parks after two refused logins and asks no more', async () => {
    const second = await fail(start(), UNAUTHORIZED);
    second.end(UNAUTHORIZED);
    while (states.at(-1) !== 'parked') await new Promise(setImmediate);
    clock.advance(3_600_000);
    await new Promise(setImmediate);
    assert.equal(backend.sessions.length, 2);
    await decoder.stop();
  });

  it('does not park for logins refused with something else in between', async () => {
    let session = await fail(start(), UNAUTHORIZED);
    session = await fail(session, REFUSED);
    await fail(session, UNAUTHORIZED);
    assert.equal(backend.sessions.length, 4);
    assert.ok(!states.includes('parked'));
  });

  it('refuses pictures until it is live, and says what it is instead', async () => {
    start();
    await assert.rejects(decoder.getLatestFrame(), { code: 'ERR_STREAM_NOT_LIVE', message: /connecting/ });
  });

  it('still gives the last clean picture while a loss is being repaired', async () => {
    const session = await startLive();
    session.receiveFrame();
    session.emit({ type: 'awaitingKeyframe', cause: { code: 'ERR_PACKETS_LOST', message: '1 packet' } });
    const frame = await decoder.getLatestFrame();
    assert.equal(frame.sequence, 1);
    frame.release();
  });

  it('waits for a picture newer than the one that is named', async () => {
    const session = await startLive();
    session.receiveFrame();
    const newer = decoder.getLatestFrame({ afterSequence: 1 });
    session.receiveFrame();
    assert.equal((await newer).sequence, 2);
  });

  it('gives up after the time-out and releases the picture that comes too late', async () => {
    const session = await startLive();
    await assert.rejects(decoder.getLatestFrame({ timeoutMs: 1 }), { code: 'ERR_FRAME_TIMEOUT' });
    session.receiveFrame();
    await new Promise(setImmediate);
    assert.deepEqual(backend.frames.unreleased, []);
  });

  it('rejects who waits when the session ends', async () => {
    const session = await startLive();
    const frame = decoder.getLatestFrame({ timeoutMs: 1_000 });
    session.end(REFUSED);
    await assert.rejects(frame, { message: REFUSED.message });
  });

  it('stops in every state, and stays stopped', async () => {
    await decoder.stop();
    assert.throws(() => {
      decoder.start();
    }, /stopped/);

    const backingOff = factory.createDecoder('rtsp://camera/2');
    const opened = backend.nextSession();
    backingOff.start();
    (await opened).end(REFUSED);
    while (clock.sleepers === 0) await new Promise(setImmediate);
    await backingOff.stop();
    assert.equal(backingOff.getStatus().state.name, 'closed');

    const live = factory.createDecoder('rtsp://camera/3');
    const session = backend.nextSession();
    live.start();
    (await session).emit({ type: 'live' });
    await live.stop();
    assert.equal((await session).isStopped, true);
    assert.equal(backend.sessions.length, 2);
  });

  it('never prints the credentials', () => {
    start();
    assert.ok(!JSON.stringify(decoder.getStatus()).includes('secret'));
  });
});

describe('StreamDecoderFactory', () => {
  it('closes every decoder before the backend', async () => {
    const session = await startLive();
    session.endsWhenStopped = false;
    let closed = false;
    const closing = factory.close().then(() => (closed = true));
    await new Promise(setImmediate);
    assert.equal(session.isStopped, true);
    assert.equal(backend.isClosed, false);
    assert.equal(closed, false);
    session.end(REFUSED);
    await closing;
    assert.equal(backend.isClosed, true);
  });

  it('refuses a URL that is no camera', () => {
    assert.throws(() => factory.createDecoder('http://camera/'), /Expected/);
  });
});

describe('encodeFrameToJpeg', () => {
  it('encodes with the engine that the frame came from', async () => {
    const session = await startLive();
    session.receiveFrame();
    const frame = await decoder.getLatestFrame();
    await encodeFrameToJpeg(frame, 70);
    assert.deepEqual(backend.encodes, [{ sequence: 1, options: { quality: 70 } }]);
    await assert.rejects(encodeFrameToJpeg(frame, 0), { message: 'Expected integer 1-100 for quality but received 0' });
    frame.release();
  });

  it('refuses what no decoder gave', async () => {
    await assert.rejects(encodeFrameToJpeg(backend.frames.make(1)), { code: 'ERR_BAD_PARAMETER' });
  });
});
