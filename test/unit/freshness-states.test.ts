import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { CameraUnavailableError, StreamError } from '../../services/errors.js';
import { FrameStaleError } from '../../services/jpeg/freshness.js';
import type { StreamState } from '../../services/stream/stream-status.js';
import { CAUSE, facts, hopeful, Scene } from '../support/freshness-scene.js';

const STOPPED = { code: 'ERR_STREAM_STOPPED', message: 'The stream was stopped on this side' };

describe('while there is hope', () => {
  for (const { name } of hopeful(0)) {
    test(`${name}: the camera's coming back is waited for`, async () => {
      const scene = new Scene();
      scene.receive(7, 10_000);
      scene.become(hopeful(scene.clock.nowMs).find((state) => state.name === name)!);
      const outcome = await scene.askAndWait();
      await scene.advance(1000);
      for (const state of hopeful(scene.clock.nowMs).slice(1, 5)) {
        scene.become(state);
        await turn();
      }
      assert.equal(outcome.isSettled, false);
      scene.receive(8);
      await turn();
      const chosen = await outcome.now();
      assert.equal(chosen.frame.sequence, 8);
      scene.assertNothingLeft(chosen);
    });
  }

  test('a session that ends is no end of the wait, and nobody asks on and on meanwhile', async () => {
    const scene = new Scene();
    scene.receive(7, 10_000);
    const outcome = await scene.askAndWait();
    scene.stream.rejectWaiting(new StreamError('ERR_STREAM_ENDED', 'The camera ended the stream'));
    await turn();
    await turn();
    assert.equal(scene.stream.asked.length, 1);
    scene.become({ name: 'backingOff', ...facts, cause: CAUSE, retryAtMs: scene.clock.nowMs + 100 });
    await turn();
    scene.stream.goLive();
    scene.receive(8);
    await turn();
    assert.equal((await outcome.now()).frame.sequence, 8);
  });
});

describe('where there is no hope the answer comes at once', () => {
  const states: (nowMs: number) => [state: StreamState, retryAfterS: number, cause: object][] = (nowMs) => [
    [{ name: 'backingOff', ...facts, cause: CAUSE, retryAtMs: nowMs + 1500 }, 2, CAUSE],
    [{ name: 'backingOff', ...facts, cause: CAUSE, retryAtMs: nowMs + 60_000 }, 60, CAUSE],
    [{ name: 'parked', ...facts, cause: CAUSE }, 300, CAUSE],
    [{ name: 'closed', sinceMs: 0 }, 300, STOPPED],
  ];
  for (const [index, [{ name }, expectedRetryAfterS]] of states(0).entries()) {
    const take = (scene: Scene): StreamState => states(scene.clock.nowMs)[index]![0];
    const cause = states(0)[index]![2];

    test(`${name} for ${expectedRetryAfterS} s, with an old picture`, async () => {
      const scene = new Scene();
      scene.receive(7, 3000);
      scene.become(take(scene));
      const error = await (await scene.askAndWait()).errorNow(FrameStaleError);
      assert.deepEqual([error.retryAfterS, error.cause], [expectedRetryAfterS, cause]);
      scene.assertNothingLeft();
    });

    test(`${name} for ${expectedRetryAfterS} s, with an old picture that will do`, async () => {
      const scene = new Scene();
      scene.receive(7, 3000);
      scene.become(take(scene));
      const chosen = await (await scene.askAndWait({ onStale: 'last' })).now();
      assert.deepEqual([chosen.frame.sequence, chosen.isStale], [7, true]);
    });

    test(`${name} for ${expectedRetryAfterS} s, with no picture ever`, async () => {
      const scene = new Scene();
      scene.become(take(scene));
      const error = await (await scene.askAndWait({ onStale: 'last' })).errorNow(CameraUnavailableError);
      assert.deepEqual([error.code, error.retryAfterS, error.cause], ['ERR_CAMERA_DOWN', expectedRetryAfterS, cause]);
      scene.assertNothingLeft();
    });

    test(`${name} for ${expectedRetryAfterS} s, in the middle of a wait`, async () => {
      const scene = new Scene();
      scene.receive(7, 3000);
      const outcome = await scene.askAndWait();
      await scene.advance(0);
      scene.become(take(scene));
      scene.stream.rejectWaiting(new StreamError('ERR_STREAM_NOT_LIVE', 'The stream is not live'));
      await turn();
      assert.deepEqual((await outcome.errorNow(FrameStaleError)).cause, cause);
      scene.assertNothingLeft();
    });
  }
});

describe('a camera that never gave a picture', () => {
  for (const { state, code, cause } of [
    { state: { name: 'idle', sinceMs: 0 }, code: 'ERR_CAMERA_CONNECTING', cause: undefined },
    { state: { name: 'queued', ...facts }, code: 'ERR_CAMERA_CONNECTING', cause: undefined },
    { state: { name: 'connecting', ...facts }, code: 'ERR_CAMERA_CONNECTING', cause: undefined },
    { state: { name: 'connecting', ...facts, cause: CAUSE }, code: 'ERR_CAMERA_DOWN', cause: CAUSE },
    { state: { name: 'awaitingKeyframe', ...facts }, code: 'ERR_CAMERA_CONNECTING', cause: undefined },
    { state: { name: 'awaitingKeyframe', ...facts, cause: CAUSE }, code: 'ERR_CAMERA_CONNECTING', cause: CAUSE },
    { state: { name: 'live', sinceMs: 0 }, code: 'ERR_CAMERA_CONNECTING', cause: undefined },
  ] satisfies { state: StreamState; code: string; cause: object | undefined }[]) {
    test(`${state.name}${cause ? ' again' : ''}: ${code} when the wait is over`, async () => {
      const scene = new Scene();
      scene.become(state);
      const outcome = await scene.askAndWait();
      await scene.advance(1499);
      assert.equal(outcome.isSettled, false);
      await scene.advance(1);
      const error = await outcome.errorNow(CameraUnavailableError);
      assert.deepEqual([error.code, error.statusCode, error.retryAfterS, error.cause], [code, 503, 1, cause]);
      scene.assertNothingLeft();
    });
  }
});
