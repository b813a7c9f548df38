import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { StreamError } from '../../services/errors.js';
import { DecoderScene, REFUSED } from '../support/decoder-scene.js';

const STALLED = { code: 'ERR_STREAM_STALLED', message: 'No access unit for 10 s' };
const LOST = { code: 'ERR_PACKETS_LOST', message: '1 packet' };
const UNAUTHORIZED = { code: 'ERR_RTSP_UNAUTHORIZED', message: 'The camera answered 401' };

let scene: DecoderScene;

beforeEach(() => {
  scene = new DecoderScene();
});

describe('StreamDecoder', () => {
  it('opens one session when it is started, with what was asked for', () => {
    const session = scene.start();
    scene.decoder.start();
    assert.equal(scene.backend.sessions.length, 1);
    assert.equal(session.source.host, 'camera');
    assert.equal(session.options.bufferSize, 2);
    assert.equal(session.options.decode, 'on-demand');
    assert.equal(scene.decoder.isConnected(), false);
  });

  it('goes through its states, each told once', async () => {
    await scene.startLive();
    assert.deepEqual(scene.states, ['connecting', 'awaitingKeyframe', 'live']);
    assert.equal(scene.decoder.isConnected(), true);
    assert.deepEqual(scene.decoder.getStatus().state, { name: 'live', sinceMs: scene.clock.nowMs });
  });

  it('tells why it backs off and when it tries again', async () => {
    const session = scene.start();
    session.end(REFUSED);
    await scene.untilBackingOff();
    const { state } = scene.decoder.getStatus();
    assert.ok(state.name === 'backingOff');
    assert.deepEqual(state.cause, REFUSED);
    assert.equal(state.attempt, 1);
    assert.ok(state.retryAtMs >= scene.clock.nowMs + 250 && state.retryAtMs <= scene.clock.nowMs + 500);
  });

  it('connects again, one session after the other, and sequences go on', async () => {
    const first = await scene.startLive();
    first.receiveFrame();
    first.receiveFrame();
    const second = await scene.fail(first);
    assert.equal(second.options.firstSequence, 3);
    assert.equal(scene.backend.sessions.length, 2);
    assert.equal(scene.decoder.getStatus().sessions, 2);
    assert.equal(scene.decoder.getStatus().newestFrame?.sequence, 2);
  });

  it('parks after two refused logins and asks no more', async () => {
    const second = await scene.fail(scene.start(), UNAUTHORIZED);
    second.end(UNAUTHORIZED);
    while (scene.states.at(-1) !== 'parked') await new Promise(setImmediate);
    scene.clock.advance(3_600_000);
    await new Promise(setImmediate);
    assert.equal(scene.backend.sessions.length, 2);
    await scene.decoder.stop();
    assert.equal(scene.states.at(-1), 'closed');
  });

  it('tries a parked camera again when it is asked to, with two tries more', async () => {
    let session = await scene.fail(scene.start(), UNAUTHORIZED);
    session.end(UNAUTHORIZED);
    while (scene.states.at(-1) !== 'parked') await new Promise(setImmediate);
    const next = scene.backend.nextSession();
    scene.decoder.retry();
    session = await scene.fail(await next, UNAUTHORIZED);
    session.end(UNAUTHORIZED);
    while (scene.states.at(-1) !== 'parked') await new Promise(setImmediate);
    assert.equal(scene.backend.sessions.length, 4);
  });

  it('cuts a wait short when it is asked to', async () => {
    scene.start().end(REFUSED);
    await scene.untilBackingOff();
    const next = scene.backend.nextSession();
    scene.decoder.retry();
    await next;
    assert.deepEqual(scene.states, ['connecting', 'backingOff', 'connecting']);
  });

  it('ends for that camera alone when no session can be opened', async () => {
    scene.backend.openFailure = new StreamError('ERR_CREDENTIALS_MISSING', 'No credentials');
    scene.decoder.start();
    while (scene.states.at(-1) !== 'parked') await new Promise(setImmediate);
    assert.deepEqual(scene.decoder.getStatus().endings, { ERR_CREDENTIALS_MISSING: 1 });
  });

  it('tells since when and why no picture comes, over every try', async () => {
    const first = await scene.startLive();
    scene.clock.advance(5000);
    const downSinceMs = scene.clock.nowMs - 2000;
    first.facts = { lastAccessUnitAtMs: downSinceMs };
    const second = await scene.fail(first, STALLED);
    const stateNow = () => scene.decoder.getStatus().state;
    const sinceMs = scene.clock.nowMs;
    assert.deepEqual(stateNow(), { name: 'connecting', sinceMs, attempt: 2, downSinceMs, cause: STALLED });
    const third = await scene.fail(second, REFUSED);
    third.emit({ type: 'awaitingKeyframe' });
    assert.deepEqual(stateNow(), { name: 'awaitingKeyframe', sinceMs: scene.clock.nowMs, downSinceMs, cause: REFUSED });
    third.emit({ type: 'live' });
    const lossMs = (scene.clock.nowMs += 100);
    third.emit({ type: 'awaitingKeyframe', cause: LOST });
    assert.deepEqual(stateNow(), { name: 'awaitingKeyframe', sinceMs: lossMs, downSinceMs: lossMs, cause: LOST });
  });

  it('counts its transitions, and its sessions by how they ended', async () => {
    await scene.fail(await scene.fail(await scene.startLive(), STALLED), REFUSED);
    const { transitions, endings, sessions } = scene.decoder.getStatus();
    assert.deepEqual(transitions, { connecting: 3, awaitingKeyframe: 1, live: 1, backingOff: 2 });
    assert.deepEqual(endings, { ERR_STREAM_STALLED: 1, ERR_RTSP_REFUSED: 1 });
    assert.equal(sessions, 3);
  });

  it('counts tries from one again after pictures came for long', async () => {
    const second = await scene.fail(await scene.fail(scene.start()));
    second.emit({ type: 'live' });
    scene.clock.advance(30_000);
    second.end(STALLED);
    await scene.untilBackingOff();
    const { state } = scene.decoder.getStatus();
    assert.ok(state.name === 'backingOff' && state.attempt === 1);
  });

  it('does not take the seconds before a stall for pictures', async () => {
    const second = await scene.fail(scene.start());
    second.emit({ type: 'live' });
    second.facts = { lastAccessUnitAtMs: scene.clock.nowMs + 25_000 };
    scene.clock.advance(35_000);
    second.end(STALLED);
    await scene.untilBackingOff();
    const { state } = scene.decoder.getStatus();
    assert.ok(state.name === 'backingOff' && state.attempt === 2);
  });

  it('refuses pictures until it is live, and says what it is instead', async () => {
    scene.start();
    await assert.rejects(scene.decoder.getLatestFrame(), { code: 'ERR_STREAM_NOT_LIVE', message: /connecting/ });
  });

  it('still gives the last clean picture while a loss is being repaired', async () => {
    const session = await scene.startLive();
    session.receiveFrame();
    session.emit({ type: 'awaitingKeyframe', cause: { code: 'ERR_PACKETS_LOST', message: '1 packet' } });
    const frame = await scene.decoder.getLatestFrame();
    assert.equal(frame.sequence, 1);
    frame.release();
  });

  it('waits for a picture newer than the one that is named', async () => {
    const session = await scene.startLive();
    session.receiveFrame();
    const newer = scene.decoder.getLatestFrame({ afterSequence: 1 });
    session.receiveFrame();
    assert.equal((await newer).sequence, 2);
  });

  it('gives up after the time-out and releases the picture that comes too late', async () => {
    const session = await scene.startLive();
    await assert.rejects(scene.decoder.getLatestFrame({ timeoutMs: 1 }), { code: 'ERR_FRAME_TIMEOUT' });
    session.receiveFrame();
    await new Promise(setImmediate);
    assert.deepEqual(scene.backend.frames.unreleased, []);
  });

  it('lets a caller that has gone wait no more, and releases its picture', async () => {
    const session = await scene.startLive();
    const caller = new AbortController();
    const frame = scene.decoder.getLatestFrame({ signal: caller.signal });
    const reason = new Error('The socket was closed');
    caller.abort(reason);
    await assert.rejects(frame, reason);
    session.receiveFrame();
    await new Promise(setImmediate);
    assert.deepEqual(scene.backend.frames.unreleased, []);
    await assert.rejects(scene.decoder.getLatestFrame({ signal: caller.signal }), reason);
    assert.equal(session.waiting, 0);
  });

  it('rejects who waits when the session ends', async () => {
    const session = await scene.startLive();
    const frame = scene.decoder.getLatestFrame({ timeoutMs: 1_000 });
    session.end(REFUSED);
    await assert.rejects(frame, { message: REFUSED.message });
  });

  it('stops in every state, and stays stopped', async () => {
    await scene.decoder.stop();
    assert.throws(() => {
      scene.decoder.start();
    }, /stopped/);

    const backingOff = scene.factory.createDecoder('rtsp://camera/2');
    const opened = scene.backend.nextSession();
    backingOff.start();
    (await opened).end(REFUSED);
    await scene.untilBackingOff(backingOff);
    await backingOff.stop();
    assert.equal(backingOff.getStatus().state.name, 'closed');

    const live = scene.factory.createDecoder('rtsp://camera/3');
    const session = scene.backend.nextSession();
    live.start();
    (await session).emit({ type: 'live' });
    await live.stop();
    assert.equal((await session).isStopped, true);
    assert.equal(scene.backend.sessions.length, 2);
  });

  it('never prints the credentials', () => {
    scene.start();
    assert.ok(!JSON.stringify(scene.decoder.getStatus()).includes('secret'));
  });
});
