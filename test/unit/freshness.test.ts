import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { CameraUnavailableError, RetryLaterError, StreamError } from '../../services/errors.js';
import {
  frameOfMoment,
  FrameStaleError,
  freshFrame,
  type ChosenFrame,
  type Freshness,
} from '../../services/jpeg/freshness.js';
import type { StreamState } from '../../services/stream/stream-status.js';
import { FakeStream } from '../support/fake-stream.js';
import { ManualClock } from '../support/manual-clock.js';

const CAUSE = { code: 'ERR_RTSP_REFUSED', message: 'The camera refused the connection' };
const STOPPED = { code: 'ERR_STREAM_STOPPED', message: 'The stream was stopped on this side' };

/** A camera and its clock, in the test's hand. */
class Scene {
  readonly clock = new ManualClock();
  readonly stream = new FakeStream();
  readonly client = new AbortController();
  /** What a decode does besides. */
  beforeDecode: () => Promise<void> = async () => undefined;
  readonly source = {
    stream: this.stream,
    clock: this.clock,
    decode: async <T>(begin: () => Promise<T>): Promise<T> => {
      await this.beforeDecode();
      return begin();
    },
  };

  receive(sequence: number, ageMs = 0): void {
    this.stream.receiveFrame(sequence, this.clock.nowMs - ageMs);
  }

  become(state: StreamState): void {
    this.stream.become(state);
  }

  ask(wish: Freshness = {}): Promise<ChosenFrame> {
    return freshFrame(this.source, wish, this.client.signal);
  }

  /** Asks, and lets the request come to where it waits. */
  async askAndWait(wish: Freshness = {}): Promise<Outcome> {
    const outcome = new Outcome(this.ask(wish));
    await turn();
    return outcome;
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turn();
  }

  /** Nothing listens, sleeps or holds a frame but what was given out. */
  assertNothingLeft(...given: ChosenFrame[]): void {
    assert.equal(this.stream.listeners, 0, 'listeners');
    assert.equal(this.clock.sleepers, 0, 'sleepers');
    assert.deepEqual(
      this.stream.frames.unreleased,
      given.map(({ frame }) => frame.sequence),
      'frames',
    );
  }
}

/** How a request ends, to be looked at while it has not. */
class Outcome {
  isSettled = false;
  readonly #promise: Promise<ChosenFrame>;

  constructor(promise: Promise<ChosenFrame>) {
    this.#promise = promise;
    const settle = (): void => void (this.isSettled = true);
    promise.then(settle, settle);
  }

  /** Fails where the request still waits. */
  async now(): Promise<ChosenFrame> {
    assert.ok(this.isSettled, 'Expected an answer by now');
    return this.#promise;
  }

  async errorNow<E extends Error>(type: new (...args: never[]) => E): Promise<E> {
    assert.ok(this.isSettled, 'Expected an answer by now');
    const error: unknown = await this.#promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof type, `Expected ${type.name} but received ${String(error)}`);
    return error;
  }
}

describe('a picture that is new enough is given at once', () => {
  for (const { title, ageMs, wish } of [
    { title: 'without any wish: 2 s', ageMs: 2000, wish: {} },
    { title: 'as old as maxAge allows', ageMs: 500, wish: { maxAgeMs: 500 } },
    { title: 'to who does not wait', ageMs: 40, wish: { waitMs: 0 } },
    { title: 'newer than the one that is known', ageMs: 40, wish: { afterSequence: 6 } },
    { title: 'when the one that is known is of another run', ageMs: 40, wish: { afterSequence: 8000 } },
  ] satisfies { title: string; ageMs: number; wish: Freshness }[]) {
    test(title, async () => {
      const scene = new Scene();
      scene.receive(7, ageMs);
      const chosen = await (await scene.askAndWait(wish)).now();
      assert.deepEqual([chosen.frame.sequence, chosen.isStale], [7, false]);
      assert.equal(scene.stream.asked.length, 0);
      scene.assertNothingLeft(chosen);
    });
  }

  test('though the camera is down', async () => {
    const scene = new Scene();
    scene.receive(7, 1000);
    scene.become({ name: 'parked', sinceMs: 0, downSinceMs: 0, attempt: 2, cause: CAUSE });
    assert.equal((await (await scene.askAndWait()).now()).frame.sequence, 7);
  });

  test('to who does not wait, though decoding takes time', async () => {
    const scene = new Scene();
    scene.beforeDecode = () => scene.advance(900);
    scene.receive(7);
    assert.equal((await scene.ask({ waitMs: 0, maxAgeMs: 900 })).frame.sequence, 7);
  });
});

describe('a picture that is too old is waited for', () => {
  test('and the next one that is new enough taken', async () => {
    const scene = new Scene();
    scene.receive(7, 2001);
    const outcome = await scene.askAndWait();
    await scene.advance(1400);
    assert.equal(outcome.isSettled, false);
    scene.receive(8);
    await turn();
    const chosen = await outcome.now();
    assert.deepEqual([chosen.frame.sequence, chosen.isStale], [8, false]);
    scene.assertNothingLeft(chosen);
  });

  test('its age is judged when it is decoded', async () => {
    const scene = new Scene();
    scene.receive(7);
    scene.beforeDecode = () => scene.advance(101);
    const outcome = await scene.askAndWait({ maxAgeMs: 100 });
    await turn();
    assert.equal(outcome.isSettled, false);
    assert.equal(scene.stream.waiting, 1);
    scene.client.abort();
  });

  test('over those that come but are too old as well', async () => {
    const scene = new Scene();
    scene.receive(7, 5000);
    const outcome = await scene.askAndWait();
    scene.receive(8, 3000);
    await turn();
    assert.equal(outcome.isSettled, false);
    scene.receive(9, 100);
    await turn();
    const chosen = await outcome.now();
    assert.equal(chosen.frame.sequence, 9);
    scene.assertNothingLeft(chosen);
  });

  test('until the wait is over: an error that tells what there is', async () => {
    const scene = new Scene();
    scene.receive(7, 3000);
    const outcome = await scene.askAndWait();
    await scene.advance(1499);
    assert.equal(outcome.isSettled, false);
    await scene.advance(1);
    const error = await outcome.errorNow(FrameStaleError);
    assert.equal(error.message, 'Expected a picture at most 2000 ms old but the newest is 4500 ms old');
    assert.deepEqual(error.frame, { sequence: 7, receivedAtMs: scene.clock.nowMs - 4500 });
    assert.deepEqual(
      [error.code, error.statusCode, error.retryAfterS, error.cause],
      ['ERR_FRAME_STALE', 503, 1, undefined],
    );
    scene.assertNothingLeft();
  });

  test('not at all with a wait of 0', async () => {
    const scene = new Scene();
    scene.receive(7, 3000);
    await (await scene.askAndWait({ waitMs: 0 })).errorNow(FrameStaleError);
    assert.equal(scene.stream.asked.length, 0);
    scene.assertNothingLeft();
  });

  test('and given in the end to who takes the last one', async () => {
    const scene = new Scene();
    scene.receive(7, 3000);
    const outcome = await scene.askAndWait({ onStale: 'last' });
    scene.receive(8, 2900);
    await scene.advance(1500);
    const chosen = await outcome.now();
    assert.deepEqual([chosen.frame.sequence, chosen.isStale], [8, true]);
    scene.assertNothingLeft(chosen);
  });
});

describe('a long poll', () => {
  test('gets the next picture, though the one it knows is new', async () => {
    const scene = new Scene();
    scene.receive(7, 10);
    const outcome = await scene.askAndWait({ afterSequence: 7, waitMs: 60_000 });
    await scene.advance(59_000);
    assert.equal(outcome.isSettled, false);
    scene.receive(8);
    await turn();
    const chosen = await outcome.now();
    assert.equal(chosen.frame.sequence, 8);
    scene.assertNothingLeft(chosen);
  });

  test('that gets none is told so', async () => {
    const scene = new Scene();
    scene.receive(7, 10);
    const outcome = await scene.askAndWait({ afterSequence: 7, maxAgeMs: 86_400_000 });
    await scene.advance(1500);
    const error = await outcome.errorNow(FrameStaleError);
    assert.equal(error.message, 'Expected a picture after 7 but it is the newest');
    scene.assertNothingLeft();
  });

  test('with a sequence of another run gets the first picture', async () => {
    const scene = new Scene();
    const outcome = await scene.askAndWait({ afterSequence: 8000 });
    scene.receive(1);
    await turn();
    assert.equal((await outcome.now()).frame.sequence, 1);
  });
});

const facts = { sinceMs: 0, downSinceMs: 0, attempt: 1 };
const hopeful = (nowMs: number): readonly StreamState[] => [
  { name: 'idle', sinceMs: 0 },
  { name: 'queued', ...facts },
  { name: 'connecting', ...facts, cause: CAUSE },
  { name: 'awaitingKeyframe', sinceMs: 0, downSinceMs: 0 },
  { name: 'live', sinceMs: 0 },
  { name: 'backingOff', ...facts, cause: CAUSE, retryAtMs: nowMs + 1499 },
];

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

describe('the picture of a moment', () => {
  test('is the one received nearest to it, whatever its age', async () => {
    const scene = new Scene();
    for (const [sequence, ageMs] of [
      [5, 4100],
      [6, 4060],
      [7, 4020],
    ] as const) {
      scene.receive(sequence, ageMs);
    }
    const { signal } = scene.client;
    const chosen = await frameOfMoment(scene.source, { atMs: scene.clock.nowMs - 4055 }, signal);
    assert.deepEqual([chosen.frame.sequence, chosen.isStale], [6, false]);
    scene.assertNothingLeft(chosen);
  });

  test('that is not kept is a 404', async () => {
    const scene = new Scene();
    scene.receive(5);
    const asked = frameOfMoment(scene.source, { atMs: scene.clock.nowMs - 1 }, scene.client.signal);
    await assert.rejects(asked, { code: 'ERR_FRAME_NOT_KEPT', statusCode: 404 });
    scene.assertNothingLeft();
  });

  test('is decoded in 5 s or not at all', async () => {
    const scene = new Scene();
    scene.receive(5);
    scene.beforeDecode = () => new Promise(() => undefined);
    const outcome = new Outcome(frameOfMoment(scene.source, { atMs: scene.clock.nowMs }, scene.client.signal));
    await turn();
    await scene.advance(5000);
    assert.equal((await outcome.errorNow(CameraUnavailableError)).code, 'ERR_FRAME_TIMEOUT');
    scene.assertNothingLeft();
  });
});
