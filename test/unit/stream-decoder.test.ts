import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { StreamError } from '../../services/errors.js';
import { SHORTEST_TURN_MS } from '../../services/stream/connect-turns.js';
import { encodeFrameToJpeg } from '../../services/stream/frame-owner.js';
import type { StreamDecoder } from '../../services/stream/stream-decoder.js';
import { StreamDecoderFactory } from '../../services/stream/stream-decoder-factory.js';
import { FakeBackend, type FakeSession } from '../support/fake-backend.js';
import { ManualClock } from '../support/manual-clock.js';

const REFUSED = { code: 'ERR_RTSP_REFUSED', message: 'The connection was refused' };
const STALLED = { code: 'ERR_STREAM_STALLED', message: 'No access unit for 10 s' };
const LOST = { code: 'ERR_PACKETS_LOST', message: '1 packet' };
const UNAUTHORIZED = { code: 'ERR_RTSP_UNAUTHORIZED', message: 'The camera answered 401' };

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

async function untilBackingOff(of = decoder): Promise<void> {
  while (of.getStatus().state.name !== 'backingOff') await new Promise(setImmediate);
}

/** Ends the session, waits out the back-off and returns the next session. */
async function fail(session: FakeSession, cause = REFUSED): Promise<FakeSession> {
  const next = backend.nextSession();
  session.end(cause);
  await untilBackingOff();
  clock.advance(30_000);
  return next;
}

beforeEach(() => {
  backend = new FakeBackend();
  clock = new ManualClock();
  factory = new StreamDecoderFactory(backend, { clock });
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
    await untilBackingOff();
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
    assert.equal(states.at(-1), 'closed');
  });

  it('tries a parked camera again when it is asked to, with two tries more', async () => {
    let session = await fail(start(), UNAUTHORIZED);
    session.end(UNAUTHORIZED);
    while (states.at(-1) !== 'parked') await new Promise(setImmediate);
    const next = backend.nextSession();
    decoder.retry();
    session = await fail(await next, UNAUTHORIZED);
    session.end(UNAUTHORIZED);
    while (states.at(-1) !== 'parked') await new Promise(setImmediate);
    assert.equal(backend.sessions.length, 4);
  });

  it('cuts a wait short when it is asked to', async () => {
    start().end(REFUSED);
    await untilBackingOff();
    const next = backend.nextSession();
    decoder.retry();
    await next;
    assert.deepEqual(states, ['connecting', 'backingOff', 'connecting']);
  });

  it('ends for that camera alone when no session can be opened', async () => {
    backend.openFailure = new StreamError('ERR_CREDENTIALS_MISSING', 'No credentials');
    decoder.start();
    while (states.at(-1) !== 'parked') await new Promise(setImmediate);
    assert.deepEqual(decoder.getStatus().endings, { ERR_CREDENTIALS_MISSING: 1 });
  });

  it('tells since when and why no picture comes, over every try', async () => {
    const first = await startLive();
    clock.advance(5000);
    const downSinceMs = clock.nowMs - 2000;
    first.facts = { lastAccessUnitAtMs: downSinceMs };
    const second = await fail(first, STALLED);
    const stateNow = () => decoder.getStatus().state;
    const sinceMs = clock.nowMs;
    assert.deepEqual(stateNow(), { name: 'connecting', sinceMs, attempt: 2, downSinceMs, cause: STALLED });
    const third = await fail(second, REFUSED);
    third.emit({ type: 'awaitingKeyframe' });
    assert.deepEqual(stateNow(), { name: 'awaitingKeyframe', sinceMs: clock.nowMs, downSinceMs, cause: REFUSED });
    third.emit({ type: 'live' });
    const lossMs = (clock.nowMs += 100);
    third.emit({ type: 'awaitingKeyframe', cause: LOST });
    assert.deepEqual(stateNow(), { name: 'awaitingKeyframe', sinceMs: lossMs, downSinceMs: lossMs, cause: LOST });
  });

  it('counts its transitions, and its sessions by how they ended', async () => {
    await fail(await fail(await startLive(), STALLED), REFUSED);
    const { transitions, endings, sessions } = decoder.getStatus();
    assert.deepEqual(transitions, { connecting: 3, awaitingKeyframe: 1, live: 1, backingOff: 2 });
    assert.deepEqual(endings, { ERR_STREAM_STALLED: 1, ERR_RTSP_REFUSED: 1 });
    assert.equal(sessions, 3);
  });

  it('counts tries from one again after pictures came for long', async () => {
    const second = await fail(await fail(start()));
    second.emit({ type: 'live' });
    clock.advance(30_000);
    second.end(STALLED);
    await untilBackingOff();
    const { state } = decoder.getStatus();
    assert.ok(state.name === 'backingOff' && state.attempt === 1);
  });

  it('does not take the seconds before a stall for pictures', async () => {
    const second = await fail(start());
    second.emit({ type: 'live' });
    second.facts = { lastAccessUnitAtMs: clock.nowMs + 25_000 };
    clock.advance(35_000);
    second.end(STALLED);
    await untilBackingOff();
    const { state } = decoder.getStatus();
    assert.ok(state.name === 'backingOff' && state.attempt === 2);
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

  it('lets a caller that has gone wait no more, and releases its picture', async () => {
    const session = await startLive();
    const caller = new AbortController();
    const frame = decoder.getLatestFrame({ signal: caller.signal });
    const reason = new Error('The socket was closed');
    caller.abort(reason);
    await assert.rejects(frame, reason);
    session.receiveFrame();
    await new Promise(setImmediate);
    assert.deepEqual(backend.frames.unreleased, []);
    await assert.rejects(decoder.getLatestFrame({ signal: caller.signal }), reason);
    assert.equal(session.waiting, 0);
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
    await untilBackingOff(backingOff);
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

describe('StreamDecoder, of pictures of before', () => {
  const lastSequence = async (): Promise<number | undefined> => {
    const frame = await decoder.getLastFrame();
    frame?.release();
    return frame?.sequence;
  };

  it('has none before the first one', async () => {
    assert.equal(await lastSequence(), undefined);
    const session = start();
    session.emit({ type: 'connected' });
    session.emit({ type: 'awaitingKeyframe' });
    assert.equal(await lastSequence(), undefined);
    await assert.rejects(decoder.getFrameAt(Date.now()), { code: 'ERR_FRAME_NOT_KEPT' });
  });

  it('gives the last one in every state until the next session is live', async () => {
    const first = await startLive();
    first.receiveFrame();
    first.receiveFrame();
    assert.equal(await lastSequence(), 2);
    first.emit({ type: 'awaitingKeyframe', cause: LOST });
    assert.equal(await lastSequence(), 2);
    const second = await fail(first, STALLED);
    assert.equal(decoder.getStatus().state.name, 'connecting');
    assert.equal(await lastSequence(), 2);
    second.emit({ type: 'awaitingKeyframe' });
    assert.equal(await lastSequence(), 2);
    assert.equal(first.isDiscarded, false);
    second.emit({ type: 'live' });
    assert.equal(first.isDiscarded, true);
    second.receiveFrame();
    assert.equal(await lastSequence(), 3);
  });

  it('keeps it over sessions that bring nothing, of which it keeps nothing', async () => {
    const first = await startLive();
    first.receiveFrame();
    const second = await fail(first, STALLED);
    second.emit({ type: 'awaitingKeyframe' });
    const third = await fail(second, REFUSED);
    assert.deepEqual(
      [first, second, third].map(({ isDiscarded }) => isDiscarded),
      [false, true, false],
    );
    assert.equal(await lastSequence(), 1);
  });

  it('keeps the video of one ended session at most', async () => {
    const first = await startLive();
    const second = await fail(first);
    second.emit({ type: 'live' });
    const third = await fail(second);
    third.emit({ type: 'live' });
    await fail(third);
    assert.deepEqual(
      [first, second, third].map(({ isDiscarded }) => isDiscarded),
      [true, true, false],
    );
  });

  it('lets everything go when it is stopped', async () => {
    const session = await startLive();
    session.receiveFrame();
    await decoder.stop();
    assert.equal(session.isDiscarded, true);
    assert.equal(await lastSequence(), undefined);
    await assert.rejects(decoder.getFrameAt(Date.now()), { code: 'ERR_FRAME_NOT_KEPT' });
  });

  it('finds the one received nearest to a time, of the session that is over too', async () => {
    const session = await startLive();
    const nowMs = Date.now();
    for (const ageMs of [120, 80, 40]) session.receiveFrame(nowMs - ageMs);
    const sequenceAt = async (unixMs: number): Promise<number> => {
      const frame = await decoder.getFrameAt(unixMs);
      frame.release();
      return frame.sequence;
    };
    assert.equal(await sequenceAt(nowMs - 95), 2);
    await fail(session);
    assert.equal(await sequenceAt(nowMs - 115), 1);
    await assert.rejects(decoder.getFrameAt(nowMs - 200), { code: 'ERR_FRAME_NOT_KEPT' });
    await assert.rejects(decoder.getFrameAt(Number.NaN), {
      code: 'ERR_BAD_PARAMETER',
      message: 'Expected a Unix time in milliseconds for unixMs but received NaN',
    });
    assert.deepEqual(backend.frames.unreleased, []);
  });

  it('gives frames that can be encoded', async () => {
    const session = await startLive();
    session.receiveFrame();
    const frame = await decoder.getLastFrame();
    await encodeFrameToJpeg(frame!, 70);
    await encodeFrameToJpeg(await decoder.getFrameAt(Date.now()), 70);
    assert.equal(backend.encodes.length, 2);
  });
});

describe('sessions of one camera', () => {
  const counters = { accessUnits: 10, keyframes: 1, bytes: 1000, decodedFrames: 4, losses: 1 };
  const packets = { received: 50, bytes: 1000, lost: 3, reordered: 0, malformed: 0, junkBytes: 0 };

  it('add up, the one that is open included', async () => {
    const first = await startLive();
    first.facts = { counters, ingest: { name: 'rtsp', packets } };
    const second = await fail(first);
    second.facts = { counters: { ...counters, accessUnits: 1 }, ingest: { name: 'rtsp', packets } };
    const { totals, session } = decoder.getStatus();
    assert.deepEqual(totals, { accessUnits: 11, bytes: 2000, decodedFrames: 8, losses: 2, packetsLost: 6 });
    assert.equal(session?.counters.accessUnits, 1);
  });

  it('are counted still when none is open', async () => {
    const session = await startLive();
    session.facts = { counters, ingest: { name: 'rtsp', packets } };
    session.end(REFUSED);
    await untilBackingOff();
    assert.equal(decoder.getStatus().session, undefined);
    assert.equal(decoder.getStatus().totals.packetsLost, 3);
  });

  it('say nothing of packets that no receiver has counted', async () => {
    const first = await startLive();
    first.facts = { counters, ingest: { name: 'libav' } };
    assert.equal('packetsLost' in decoder.getStatus().totals, false);
    const second = await fail(first);
    second.facts = { ingest: { name: 'rtsp', packets } };
    const third = await fail(second);
    third.facts = { ingest: { name: 'libav' } };
    assert.equal(decoder.getStatus().totals.packetsLost, 3);
  });

  it('have one meter for the work', async () => {
    const first = await startLive();
    const second = await fail(first);
    assert.equal(backend.meters.length, 1);
    assert.deepEqual([first.options.meter, second.options.meter], [backend.meters[0], backend.meters[0]]);
    assert.equal(decoder.getWorkTimes(), backend.meters[0]!.read());
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

  it('connects only so many cameras at once, the others in order', async () => {
    factory = new StreamDecoderFactory(backend, { clock, connectConcurrency: 2 });
    const decoders = [1, 2, 3, 4, 5].map((number) => factory.createDecoder(`rtsp://camera/${number}`));
    for (const each of decoders) each.start();
    const connecting = () => backend.sessions.map(({ source }) => source.redactedUrl.at(-1)).join('');
    assert.equal(connecting(), '12');
    assert.deepEqual(
      decoders.map((each) => each.getStatus().state.name),
      ['connecting', 'connecting', 'queued', 'queued', 'queued'],
    );
    await decoders[2]!.stop();
    clock.advance(SHORTEST_TURN_MS);
    backend.sessions[1]!.emit({ type: 'awaitingKeyframe' });
    await new Promise(setImmediate);
    assert.equal(connecting(), '124');
    backend.sessions[0]!.end(REFUSED);
    await new Promise(setImmediate);
    assert.equal(connecting(), '1245');
    // The events that follow give nothing back a second time.
    backend.sessions[1]!.emit({ type: 'live' });
    clock.advance(30_000);
    await new Promise(setImmediate);
    assert.equal(decoders[0]!.getStatus().state.name, 'queued');
    await factory.close();
  });

  it('forgets decoders that were stopped', async () => {
    const other = factory.createDecoder('rtsp://camera/2');
    let closed = 0;
    other.onStateChange(({ name }) => (closed += name === 'closed' ? 1 : 0));
    await other.stop();
    await factory.close();
    assert.equal(closed, 1);
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
