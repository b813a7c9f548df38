import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { StreamError } from '../../services/errors.js';
import { startTestApp } from '../support/test-app.js';

const PATH = '/cameras/front/snapshot.jpg';

describe('a server that has enough to do', () => {
  test('refuses at once what would begin more, before it is decoded', async (t) => {
    const { app, streams, encoder } = await startTestApp(t, { encodeQueueMax: 1 });
    for (const stream of Object.values(streams)) stream.receiveFrame(1);
    encoder.hold();
    const running = app.inject(PATH);
    while (encoder.encodes.length === 0) await turn();
    const decodesBefore = streams.yard!.frames.made.length;
    const refused = await app.inject('/cameras/yard/snapshot.jpg');
    assert.deepEqual([refused.statusCode, refused.json().code], [503, 'ERR_OVERLOADED']);
    assert.equal(refused.headers['retry-after'], '1');
    assert.equal(streams.yard!.frames.made.length, decodesBefore);
    assert.equal((await app.inject(`${PATH}?width=100`)).statusCode, 503);
    encoder.release();
    assert.equal((await running).statusCode, 200);
    assert.equal((await app.inject('/cameras/yard/snapshot.jpg')).statusCode, 200);
  });

  test('lets in who joins what is being made', async (t) => {
    const { app, streams, encoder } = await startTestApp(t, { encodeQueueMax: 1 });
    streams.front!.receiveFrame(1);
    encoder.hold();
    const first = app.inject(PATH);
    while (encoder.encodes.length === 0) await turn();
    const second = app.inject(PATH);
    while (streams.front!.frames.made.length < 2) await turn();
    encoder.release();
    assert.deepEqual([(await first).statusCode, (await second).statusCode], [200, 200]);
    assert.equal(encoder.encodes.length, 1);
  });

  test('goes on giving out what is made', async (t) => {
    const { app, streams, encoder } = await startTestApp(t, { encodeQueueMax: 1 });
    for (const stream of Object.values(streams)) stream.receiveFrame(1);
    await app.inject(PATH);
    encoder.hold();
    const running = app.inject('/cameras/yard/snapshot.jpg');
    while (encoder.encodes.length === 1) await turn();
    assert.equal((await app.inject(PATH)).statusCode, 200);
    encoder.release();
    await running;
  });
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
