import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import supertest from 'supertest';
import { StreamError } from '../../services/errors.js';
import type { StreamState } from '../../services/stream/stream-status.js';
import { startTestApp } from '../support/test-app.js';

const PATH = '/cameras/front/snapshot.jpg';

test('the newest picture, and what its reader must know to judge it', async (t) => {
  const { app, streams, encoder } = await startTestApp(t);
  const receivedAtMs = Date.now() - 1500;
  streams.front!.receiveFrame(41, receivedAtMs);
  await app.listen({ port: 0 });
  const { body, headers } = await supertest(app.server).get(`${PATH}?width=640&quality=55`).expect(200);
  assert.deepEqual(JSON.parse(String(body)), { sequence: 41, quality: 55, width: 640 });
  assert.equal(headers['content-type'], 'image/jpeg');
  assert.equal(headers['cache-control'], 'private, no-cache');
  assert.equal(headers['x-frame-sequence'], '41');
  assert.equal(headers['x-frame-received-at'], new Date(receivedAtMs).toISOString());
  assert.equal(headers['x-frame-engine'], 'cpu');
  const ageMs = Number(headers['x-frame-age-ms']);
  assert.ok(ageMs >= 1500 && ageMs < 10_000, `age ${ageMs}`);
  assert.deepEqual(encoder.encodes, [{ sequence: 41, options: { quality: 55, width: 640 } }]);
  assert.deepEqual(streams.front!.frames.unreleased, []);
});

test('the quality is left to the engine where the request names none', async (t) => {
  const { app, streams, encoder } = await startTestApp(t);
  streams.front!.receiveFrame(1);
  await app.inject(PATH);
  assert.deepEqual(encoder.encodes, [{ sequence: 1, options: {} }]);
});

test('HEAD answers as GET does, without the picture', async (t) => {
  const { app, streams } = await startTestApp(t);
  streams.front!.receiveFrame(41);
  const { statusCode, headers, body } = await app.inject({ method: 'HEAD', url: PATH });
  const get = await app.inject(PATH);
  assert.equal(statusCode, 200);
  assert.equal(body, '');
  assert.equal(headers['x-frame-sequence'], '41');
  assert.equal(headers['content-length'], get.headers['content-length']);
});

test('a hundred requests at once cost one encode; another camera costs its own', async (t) => {
  const { app, streams, encoder } = await startTestApp(t);
  encoder.hold();
  const answers = ['front', 'yard'].flatMap((id) => {
    streams[id]!.receiveFrame(5);
    return Array.from({ length: 50 }, () => app.inject(`/cameras/${id}/snapshot.jpg`));
  });
  while (streams.front!.asked.length + streams.yard!.asked.length < 100) await turn();
  encoder.release();
  const codes = (await Promise.all(answers)).map(({ statusCode }) => statusCode);
  assert.deepEqual(new Set(codes), new Set([200]));
  assert.equal(encoder.encodes.length, 2);
  assert.deepEqual(streams.front!.frames.unreleased, []);
});

describe('a parameter that is wrong is named with what was expected and received', () => {
  const cases: [query: string, message: string][] = [
    ['quality=0', 'Expected integer 1-100 for quality but received 0'],
    ['quality=101', 'Expected integer 1-100 for quality but received 101'],
    ['quality=best', 'Expected integer 1-100 for quality but received "best"'],
    ['quality=', 'Expected integer 1-100 for quality but received ""'],
    ['width=15', 'Expected integer 16-8192 for width but received 15'],
    ['width=640.5', 'Expected integer 16-8192 for width but received "640.5"'],
    ['height=8193', 'Expected integer 16-8192 for height but received 8193'],
    ['height=-1', 'Expected integer 16-8192 for height but received -1'],
    ['width=1&width=2', 'Expected integer 16-8192 for width but received ["1","2"]'],
    ['width=NaN', 'Expected integer 16-8192 for width but received "NaN"'],
  ];
  for (const [query, message] of cases) {
    test(query, async (t) => {
      const { app, encoder } = await startTestApp(t);
      const answer = await app.inject(`${PATH}?${query}`);
      assert.equal(answer.statusCode, 400);
      assert.deepEqual(answer.json(), { code: 'ERR_BAD_PARAMETER', message });
      assert.equal(encoder.encodes.length, 0);
    });
  }
});

describe('a camera that gives no picture is a 503 with a code, the cause and when to ask again', () => {
  const sinceMs = 0;
  const downSinceMs = 0;
  const cause = { code: 'ERR_RTSP_REFUSED', message: 'The camera refused the connection' };
  const stopped = { code: 'ERR_STREAM_STOPPED', message: 'The stream was stopped on this side' };
  const states: [state: StreamState, code: string, retryAfter: string, cause: object | undefined][] = [
    [{ name: 'idle', sinceMs }, 'ERR_CAMERA_CONNECTING', '1', undefined],
    [{ name: 'connecting', sinceMs, downSinceMs, attempt: 1 }, 'ERR_CAMERA_CONNECTING', '1', undefined],
    [
      { name: 'backingOff', sinceMs, downSinceMs, attempt: 3, cause, retryAtMs: Date.now() + 86_400_000 },
      'ERR_CAMERA_DOWN',
      '86400',
      cause,
    ],
    [{ name: 'backingOff', sinceMs, downSinceMs, attempt: 3, cause, retryAtMs: 1 }, 'ERR_CAMERA_DOWN', '1', cause],
    [{ name: 'parked', sinceMs, downSinceMs, attempt: 2, cause }, 'ERR_CAMERA_DOWN', '300', cause],
    [{ name: 'closed', sinceMs }, 'ERR_CAMERA_DOWN', '300', stopped],
  ];
  for (const [state, code, retryAfter, expectedCause] of states) {
    test(`${state.name} until ${retryAfter} s: ${code}`, async (t) => {
      const { app, streams } = await startTestApp(t);
      streams.front!.receiveFrame(1);
      streams.front!.become(state);
      const answer = await app.inject(PATH);
      assert.equal(answer.statusCode, 503);
      assert.equal(answer.headers['cache-control'], 'no-store');
      // A day from now, less the time that the test took.
      const margin = retryAfter === '86400' ? 10 : 0;
      assert.ok(Math.abs(Number(answer.headers['retry-after']) - Number(retryAfter)) <= margin);
      const body = answer.json();
      assert.equal(body.code, code);
      assert.ok(body.message);
      assert.deepEqual(body.cause, expectedCause);
      assert.equal(streams.front!.asked.length, 0);
    });
  }

  const rejections: [title: string, error: StreamError, state: StreamState, code: string, cause: string | undefined][] =
    [
      [
        'no picture in time',
        new StreamError('ERR_FRAME_TIMEOUT', 'No picture within 5000 ms'),
        { name: 'live', sinceMs },
        'ERR_FRAME_TIMEOUT',
        undefined,
      ],
      [
        'no keyframe after a loss in time',
        new StreamError('ERR_FRAME_TIMEOUT', 'No picture within 5000 ms'),
        { name: 'awaitingKeyframe', sinceMs, downSinceMs, cause: { code: 'ERR_PACKETS_LOST', message: 'Lost 3' } },
        'ERR_FRAME_TIMEOUT',
        'ERR_PACKETS_LOST',
      ],
      [
        'no keyframe yet',
        new StreamError('ERR_STREAM_NOT_LIVE', 'The stream is not live'),
        { name: 'awaitingKeyframe', sinceMs, downSinceMs },
        'ERR_CAMERA_CONNECTING',
        undefined,
      ],
      [
        'the session ended meanwhile',
        new StreamError('ERR_STREAM_ENDED', 'The camera ended the stream'),
        { name: 'live', sinceMs },
        'ERR_CAMERA_DOWN',
        'ERR_STREAM_ENDED',
      ],
      [
        'the picture could not be decoded',
        new StreamError('ERR_DECODE_FAILED', 'The stream could not be decoded'),
        { name: 'live', sinceMs },
        'ERR_DECODE_FAILED',
        undefined,
      ],
    ];
  for (const [title, error, state, code, causeCode] of rejections) {
    test(title, async (t) => {
      const { app, streams } = await startTestApp(t);
      const asked = streams.front!.nextAsked();
      const answer = app.inject(PATH);
      await asked;
      streams.front!.become(state);
      streams.front!.rejectWaiting(error);
      const { statusCode, headers, json } = await answer;
      assert.equal(statusCode, 503);
      assert.equal(headers['retry-after'], '1');
      assert.equal(json().code, code);
      assert.equal(json().cause?.code, causeCode);
    });
  }
});

test('an encode that fails is a 500 with its code, and releases the frame', async (t) => {
  const { app, streams, encoder, lines } = await startTestApp(t);
  encoder.failure = new StreamError('ERR_ENCODE_FAILED', 'No memory for the picture');
  streams.front!.receiveFrame(1);
  const answer = await app.inject(PATH);
  assert.equal(answer.statusCode, 500);
  assert.deepEqual(answer.json(), { code: 'ERR_ENCODE_FAILED', message: 'No memory for the picture' });
  assert.deepEqual(streams.front!.frames.unreleased, []);
  assert.ok(lines.some(({ msg }) => msg === 'Request failed'));
});

test('a fault of the server is a 500 that tells nothing of its inside', async (t) => {
  const { app, streams, encoder, lines } = await startTestApp(t);
  encoder.failure = new TypeError('undefined is not a function');
  streams.front!.receiveFrame(1);
  const answer = await app.inject(PATH);
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json().code, 'ERR_INTERNAL');
  assert.doesNotMatch(answer.body, /undefined is not/);
  assert.ok(lines.some(({ err }) => JSON.stringify(err).includes('undefined is not')));
});
