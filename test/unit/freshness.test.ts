import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { CameraUnavailableError } from '../../services/errors.js';
import { frameOfMoment, FrameStaleError, type Freshness } from '../../services/jpeg/freshness.js';
import { CAUSE, Outcome, Scene } from '../support/freshness-scene.js';

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
