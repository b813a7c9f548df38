import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { CameraUnavailableError, RetryLaterError, StreamError } from '../../services/errors.js';
import type { StreamState } from '../../services/stream/stream-status.js';
import { CAUSE, facts, hopeful, Scene } from '../support/freshness-scene.js';

describe('decoding what is there', () => {
  test('has a bound of its own, after which the frame is released when it comes', async () => {
    const scene = new Scene();
    scene.receive(7);
    let finish = (): void => undefined;
    scene.beforeDecode = () => new Promise((resolve) => (finish = resolve));
    const outcome = await scene.askAndWait();
    await scene.advance(4999);
    assert.equal(outcome.isSettled, false);
    await scene.advance(1);
    const error = await outcome.errorNow(CameraUnavailableError);
    assert.deepEqual([error.code, error.retryAfterS], ['ERR_FRAME_TIMEOUT', 1]);
    finish();
    await turn();
    assert.equal(scene.stream.frames.made.length, 1);
    scene.assertNothingLeft();
  });

  for (const { title, failure, state, code, cause } of [
    {
      title: 'ends with the session, and the state has not followed',
      failure: new StreamError('ERR_STREAM_ENDED', 'The camera ended the stream'),
      state: { name: 'live', sinceMs: 0 },
      code: 'ERR_CAMERA_DOWN',
      cause: { code: 'ERR_STREAM_ENDED', message: 'The camera ended the stream' },
    },
    {
      title: 'ends with the session, and the state tells more',
      failure: new StreamError('ERR_STREAM_ENDED', 'The camera ended the stream'),
      state: { name: 'parked', ...facts, cause: CAUSE },
      code: 'ERR_CAMERA_DOWN',
      cause: CAUSE,
    },
    {
      title: 'is refused by the engine',
      failure: new StreamError('ERR_OVERLOADED', 'Too many wait'),
      state: { name: 'live', sinceMs: 0 },
      code: 'ERR_OVERLOADED',
      cause: undefined,
    },
  ] satisfies { title: string; failure: StreamError; state: StreamState; code: string; cause: object | undefined }[]) {
    test(title, async () => {
      const scene = new Scene();
      scene.become(state);
      scene.beforeDecode = () => Promise.reject(failure);
      const error = await (await scene.askAndWait()).errorNow(CameraUnavailableError);
      assert.deepEqual([error.code, error.cause], [code, cause]);
      assert.ok(error.retryAfterS >= 1);
      scene.assertNothingLeft();
    });
  }

  test('is refused before it begins where the server has too much to do', async () => {
    const scene = new Scene();
    const refusal = new RetryLaterError('ERR_OVERLOADED', 'Expected fewer', { retryAfterS: 1 });
    scene.beforeDecode = () => Promise.reject(refusal);
    assert.equal(await (await scene.askAndWait()).errorNow(RetryLaterError), refusal);
    scene.assertNothingLeft();
  });

  test('a fault of this server is no fault of the camera', async () => {
    const scene = new Scene();
    scene.beforeDecode = () => Promise.reject(new TypeError('undefined is not a function'));
    await (await scene.askAndWait()).errorNow(TypeError);
    scene.assertNothingLeft();
  });
});

describe('a client that goes away', () => {
  test('before the decode', async () => {
    const scene = new Scene();
    scene.receive(7);
    scene.client.abort();
    await assert.rejects(scene.ask(), { name: 'AbortError' });
    assert.equal(scene.stream.frames.made.length, 0);
    scene.assertNothingLeft();
  });

  test('during the decode', async () => {
    const scene = new Scene();
    scene.receive(7);
    let finish = (): void => undefined;
    scene.beforeDecode = () => new Promise((resolve) => (finish = resolve));
    const outcome = await scene.askAndWait();
    scene.client.abort();
    await turn();
    assert.equal((await outcome.errorNow(DOMException)).name, 'AbortError');
    finish();
    await turn();
    assert.equal(scene.stream.frames.made.length, 1);
    scene.assertNothingLeft();
  });

  for (const { name } of hopeful(0)) {
    test(`during the wait, ${name}`, async () => {
      const scene = new Scene();
      scene.receive(7, 10_000);
      scene.become(hopeful(scene.clock.nowMs).find((state) => state.name === name)!);
      const outcome = await scene.askAndWait({ onStale: 'last' });
      scene.client.abort();
      await turn();
      assert.equal((await outcome.errorNow(DOMException)).name, 'AbortError');
      scene.receive(8);
      await turn();
      scene.assertNothingLeft();
    });
  }
});
