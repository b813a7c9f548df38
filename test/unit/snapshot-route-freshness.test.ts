import assert from 'node:assert/strict';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { StreamError } from '../../services/errors.js';
import type { StreamState } from '../../services/stream/stream-status.js';
import { startTestApp } from '../support/test-app.js';

const PATH = '/cameras/front/snapshot.jpg';
const CAUSE = { code: 'ERR_RTSP_REFUSED', message: 'The camera refused the connection' };

interface NeverGave {
  readonly title: string;
  readonly state: (nowMs: number) => StreamState;
  readonly retryAfter: number;
  readonly code: string;
  readonly cause: object | undefined;
}

describe('a picture that is too old', () => {
  test('is a 503 that tells its age, why none is newer and when to ask again', async (t) => {
    const { app, streams } = await startTestApp(t);
    const receivedAtMs = Date.now() - 7000;
    streams.front!.receiveFrame(41, receivedAtMs);
    streams.front!.become({ name: 'parked', sinceMs: 0, downSinceMs: 0, attempt: 2, cause: CAUSE });
    const answer = await app.inject(PATH);
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['retry-after'], '300');
    const { code, cause, frame } = answer.json();
    assert.deepEqual([code, cause], ['ERR_FRAME_STALE', CAUSE]);
    const { ageMs } = frame;
    assert.deepEqual(frame, { sequence: 41, ageMs, receivedAt: new Date(receivedAtMs).toISOString() });
    assert.equal(answer.headers['x-frame-age-ms'], String(ageMs));
    assert.ok(ageMs >= 7000 && ageMs < 17_000, `age ${ageMs}`);
  });

  test('is given, marked, to who takes the last one', async (t) => {
    const { app, streams } = await startTestApp(t);
    streams.front!.receiveFrame(41, Date.now() - 7000);
    streams.front!.goDown();
    const answer = await app.inject(`${PATH}?onStale=last`);
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['x-frame-stale'], 'true');
    assert.ok(Number(answer.headers['x-frame-age-ms']) >= 7000);
    assert.equal(answer.json().sequence, 41);
  });

  test('will do where maxAge allows it', async (t) => {
    const { app, streams } = await startTestApp(t);
    streams.front!.receiveFrame(41, Date.now() - 7000);
    streams.front!.goDown();
    const { statusCode, headers } = await app.inject(`${PATH}?maxAge=60000`);
    assert.deepEqual([statusCode, headers['x-frame-stale']], [200, undefined]);
  });

  test('is waited over', async (t) => {
    const { app, streams } = await startTestApp(t);
    streams.front!.receiveFrame(41, Date.now() - 7000);
    const asked = streams.front!.nextAsked();
    const answer = app.inject(`${PATH}?wait=60000`);
    await asked;
    streams.front!.receiveFrame(42);
    assert.equal((await answer).json().sequence, 42);
  });
});

test('after=<sequence> waits for a newer picture', async (t) => {
  const { app, streams } = await startTestApp(t);
  streams.front!.receiveFrame(41);
  const asked = streams.front!.nextAsked();
  const answer = app.inject(`${PATH}?after=41&wait=60000`);
  await asked;
  streams.front!.receiveFrame(42);
  assert.equal((await answer).headers['x-frame-sequence'], '42');
});

describe('a picture that is lost with its card while it is encoded', () => {
  const LOST = new StreamError('ERR_GPU_LOST', 'GPU 0 was lost');

  test('is made of the next frame', async (t) => {
    const { app, streams, encoder } = await startTestApp(t);
    streams.front!.receiveFrame(41);
    encoder.failure = LOST;
    const asked = streams.front!.nextAsked();
    const answer = app.inject(`${PATH}?wait=60000`);
    await asked;
    encoder.failure = undefined;
    streams.front!.receiveFrame(42);
    assert.deepEqual([(await answer).statusCode, (await answer).json().sequence], [200, 42]);
    assert.deepEqual(streams.front!.frames.unreleased, []);
  });

  test('is given up when the next three are lost too', async (t) => {
    const { app, streams, encoder } = await startTestApp(t);
    streams.front!.receiveFrame(41);
    encoder.failure = LOST;
    let asked = streams.front!.nextAsked();
    const answer = app.inject(`${PATH}?wait=60000`);
    for (const sequence of [42, 43, 44]) {
      await asked;
      asked = streams.front!.nextAsked();
      streams.front!.receiveFrame(sequence);
    }
    const { statusCode, headers, json } = await answer;
    assert.deepEqual(
      [statusCode, json(), headers['retry-after']],
      [503, { code: LOST.code, message: LOST.message }, '1'],
    );
    assert.deepEqual(
      encoder.encodes.map(({ sequence }) => sequence),
      [41, 42, 43, 44],
    );
    assert.deepEqual(streams.front!.frames.unreleased, []);
  });

  for (const parameter of ['wait=0', 'at']) {
    test(`is an error at once with ${parameter}, by which the request waits for no other`, async (t) => {
      const { app, streams, encoder } = await startTestApp(t);
      streams.front!.receiveFrame(41);
      encoder.failure = LOST;
      const answer = await app.inject(`${PATH}?${parameter === 'at' ? `at=${Date.now()}` : parameter}`);
      assert.deepEqual([answer.statusCode, answer.json().code, answer.headers['retry-after']], [503, LOST.code, '1']);
      assert.equal(streams.front!.asked.length, 0);
    });
  }
});

describe('at=<unix ms>', () => {
  test('is the picture received nearest to it, and tells by how much it is off', async (t) => {
    const { app, streams } = await startTestApp(t);
    const nowMs = Date.now();
    for (const [sequence, ageMs] of [
      [1, 9000],
      [2, 8960],
      [3, 8920],
    ] as const) {
      streams.front!.receiveFrame(sequence, nowMs - ageMs);
    }
    for (const [atMs, sequence, errorMs] of [
      [nowMs - 8965, 2, 5],
      [nowMs - 8951, 2, -9],
    ] as const) {
      const { statusCode, headers } = await app.inject(`${PATH}?at=${atMs}`);
      assert.deepEqual(
        [statusCode, headers['x-frame-sequence'], headers['x-frame-at-error-ms']],
        [200, String(sequence), String(errorMs)],
      );
    }
  });

  test('is a 404 where nothing of that time is kept', async (t) => {
    const { app, streams } = await startTestApp(t);
    streams.front!.receiveFrame(1);
    const answer = await app.inject(`${PATH}?at=1000`);
    assert.deepEqual([answer.statusCode, answer.json().code], [404, 'ERR_FRAME_NOT_KEPT']);
  });
});

describe('a camera that never gave a picture is a 503 with a code, the cause and when to ask again', () => {
  for (const { title, state, retryAfter, code, cause } of [
    {
      title: 'down',
      state: (nowMs: number) => ({
        name: 'backingOff',
        sinceMs: 0,
        downSinceMs: 0,
        attempt: 3,
        cause: CAUSE,
        retryAtMs: nowMs + 86_400_000,
      }),
      retryAfter: 86_400,
      code: 'ERR_CAMERA_DOWN',
      cause: CAUSE,
    },
    {
      title: 'connecting',
      state: () => ({ name: 'connecting', sinceMs: 0, downSinceMs: 0, attempt: 1 }),
      retryAfter: 1,
      code: 'ERR_CAMERA_CONNECTING',
      cause: undefined,
    },
  ] satisfies NeverGave[]) {
    test(title, async (t) => {
      const { app, streams } = await startTestApp(t);
      streams.front!.become(state(Date.now()));
      const answer = await app.inject(`${PATH}?wait=0&onStale=last`);
      assert.equal(answer.statusCode, 503);
      assert.equal(answer.headers['cache-control'], 'no-store');
      // A day from now, less the time that the test took.
      assert.ok(Math.abs(Number(answer.headers['retry-after']) - retryAfter) <= 10);
      const body = answer.json();
      assert.deepEqual([body.code, body.cause, body.frame], [code, cause, undefined]);
      assert.ok(body.message);
    });
  }
});

test('a client that goes away ends its wait, and nobody is told of a fault', async (t) => {
  const { app, streams, lines } = await startTestApp(t);
  const front = streams.front!;
  front.receiveFrame(41);
  await app.listen({ port: 0 });
  const listenersBefore = front.listeners;
  const asked = front.nextAsked();
  const request = get({ port: (app.server.address() as AddressInfo).port, path: `${PATH}?after=41&wait=60000` });
  await asked;
  assert.equal(front.listeners, listenersBefore + 1);
  request.on('error', () => undefined).destroy();
  while (front.listeners > listenersBefore) await turn();
  front.receiveFrame(42);
  await turn();
  assert.deepEqual(front.frames.unreleased, []);
  assert.deepEqual(
    lines.filter(({ level }) => level > 30),
    [],
  );
});
