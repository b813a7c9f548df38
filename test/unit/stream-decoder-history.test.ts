import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { encodeFrameToJpeg } from '../../services/stream/frame-owner.js';
import { DecoderScene, REFUSED } from '../support/decoder-scene.js';

const STALLED = { code: 'ERR_STREAM_STALLED', message: 'No access unit for 10 s' };
const LOST = { code: 'ERR_PACKETS_LOST', message: '1 packet' };

let scene: DecoderScene;

beforeEach(() => {
  scene = new DecoderScene();
});

describe('StreamDecoder, of pictures of before', () => {
  const lastSequence = async (): Promise<number | undefined> => {
    const frame = await scene.decoder.getLastFrame();
    frame?.release();
    return frame?.sequence;
  };

  it('has none before the first one', async () => {
    assert.equal(await lastSequence(), undefined);
    const session = scene.start();
    session.emit({ type: 'connected' });
    session.emit({ type: 'awaitingKeyframe' });
    assert.equal(await lastSequence(), undefined);
    await assert.rejects(scene.decoder.getFrameAt(Date.now()), { code: 'ERR_FRAME_NOT_KEPT' });
  });

  it('gives the last one in every state until the next session is live', async () => {
    const first = await scene.startLive();
    first.receiveFrame();
    first.receiveFrame();
    assert.equal(await lastSequence(), 2);
    first.emit({ type: 'awaitingKeyframe', cause: LOST });
    assert.equal(await lastSequence(), 2);
    const second = await scene.fail(first, STALLED);
    assert.equal(scene.decoder.getStatus().state.name, 'connecting');
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
    const first = await scene.startLive();
    first.receiveFrame();
    const second = await scene.fail(first, STALLED);
    second.emit({ type: 'awaitingKeyframe' });
    const third = await scene.fail(second, REFUSED);
    assert.deepEqual(
      [first, second, third].map(({ isDiscarded }) => isDiscarded),
      [false, true, false],
    );
    assert.equal(await lastSequence(), 1);
  });

  it('keeps the video of one ended session at most', async () => {
    const first = await scene.startLive();
    const second = await scene.fail(first);
    second.emit({ type: 'live' });
    const third = await scene.fail(second);
    third.emit({ type: 'live' });
    await scene.fail(third);
    assert.deepEqual(
      [first, second, third].map(({ isDiscarded }) => isDiscarded),
      [true, true, false],
    );
  });

  it('lets everything go when it is stopped', async () => {
    const session = await scene.startLive();
    session.receiveFrame();
    await scene.decoder.stop();
    assert.equal(session.isDiscarded, true);
    assert.equal(await lastSequence(), undefined);
    await assert.rejects(scene.decoder.getFrameAt(Date.now()), { code: 'ERR_FRAME_NOT_KEPT' });
  });

  it('finds the one received nearest to a time, of the session that is over too', async () => {
    const session = await scene.startLive();
    const nowMs = Date.now();
    for (const ageMs of [120, 80, 40]) session.receiveFrame(nowMs - ageMs);
    const sequenceAt = async (unixMs: number): Promise<number> => {
      const frame = await scene.decoder.getFrameAt(unixMs);
      frame.release();
      return frame.sequence;
    };
    assert.equal(await sequenceAt(nowMs - 95), 2);
    await scene.fail(session);
    assert.equal(await sequenceAt(nowMs - 115), 1);
    await assert.rejects(scene.decoder.getFrameAt(nowMs - 200), { code: 'ERR_FRAME_NOT_KEPT' });
    await assert.rejects(scene.decoder.getFrameAt(Number.NaN), {
      code: 'ERR_BAD_PARAMETER',
      message: 'Expected a Unix time in milliseconds for unixMs but received NaN',
    });
    assert.deepEqual(scene.backend.frames.unreleased, []);
  });

  it('gives frames that can be encoded', async () => {
    const session = await scene.startLive();
    session.receiveFrame();
    const frame = await scene.decoder.getLastFrame();
    await encodeFrameToJpeg(frame!, 70);
    await encodeFrameToJpeg(await scene.decoder.getFrameAt(Date.now()), 70);
    assert.equal(scene.backend.encodes.length, 2);
  });
});

describe('sessions of one camera', () => {
  const counters = { accessUnits: 10, keyframes: 1, bytes: 1000, decodedFrames: 4, losses: 1 };
  const packets = { received: 50, bytes: 1000, lost: 3, reordered: 0, malformed: 0, junkBytes: 0 };

  it('add up, the one that is open included', async () => {
    const first = await scene.startLive();
    first.facts = { counters, ingest: { name: 'rtsp', packets } };
    const second = await scene.fail(first);
    second.facts = { counters: { ...counters, accessUnits: 1 }, ingest: { name: 'rtsp', packets } };
    const { totals, session } = scene.decoder.getStatus();
    assert.deepEqual(totals, { accessUnits: 11, bytes: 2000, decodedFrames: 8, losses: 2, packetsLost: 6 });
    assert.equal(session?.counters.accessUnits, 1);
  });

  it('are counted still when none is open', async () => {
    const session = await scene.startLive();
    session.facts = { counters, ingest: { name: 'rtsp', packets } };
    session.end(REFUSED);
    await scene.untilBackingOff();
    assert.equal(scene.decoder.getStatus().session, undefined);
    assert.equal(scene.decoder.getStatus().totals.packetsLost, 3);
  });

  it('say nothing of packets that no receiver has counted', async () => {
    const first = await scene.startLive();
    first.facts = { counters, ingest: { name: 'libav' } };
    assert.equal('packetsLost' in scene.decoder.getStatus().totals, false);
    const second = await scene.fail(first);
    second.facts = { ingest: { name: 'rtsp', packets } };
    const third = await scene.fail(second);
    third.facts = { ingest: { name: 'libav' } };
    assert.equal(scene.decoder.getStatus().totals.packetsLost, 3);
  });

  it('have one meter for the work', async () => {
    const first = await scene.startLive();
    const second = await scene.fail(first);
    assert.equal(scene.backend.meters.length, 1);
    assert.deepEqual([first.options.meter, second.options.meter], [scene.backend.meters[0], scene.backend.meters[0]]);
    assert.equal(scene.decoder.getWorkTimes(), scene.backend.meters[0]!.read());
  });
});
