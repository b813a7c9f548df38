import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { PartReader } from '../support/part-reader.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const PATH = '/cameras/front/stream.mjpeg';
/** More than the kernel's buffers between two sockets of one machine ever hold. */
const HUGE = 32 * 1024 * 1024;

async function start(t: TestContext): Promise<TestApp & { watch: (query?: string) => Promise<IncomingMessage> }> {
  const testApp = await startTestApp(t);
  await testApp.app.listen({ port: 0 });
  const { port } = testApp.app.server.address() as AddressInfo;
  const watch = async (query = '') => {
    const request = get({ port, path: PATH + query, agent: false });
    t.after(() => request.destroy());
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };
  return { ...testApp, watch };
}

async function viewersOf({ app }: TestApp): Promise<number> {
  return (await app.inject('/cameras/front')).json().viewers;
}

test('each picture is a part with its length, sequence and age', async (t) => {
  const { streams, watch } = await start(t);
  const receivedAtMs = Date.now() - 30;
  streams.front!.receiveFrame(3, receivedAtMs);
  const response = await watch('?width=320&quality=60');
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['cache-control'], 'no-store');
  const reader = new PartReader(response);
  for (const sequence of [3, 4]) {
    if (sequence === 4) streams.front!.receiveFrame(4, receivedAtMs);
    const { headers, body } = (await reader.next())!;
    const { 'X-Frame-Age-Ms': age, ...others } = headers;
    assert.deepEqual(others, {
      'Content-Type': 'image/jpeg',
      'Content-Length': String(body.length),
      'X-Frame-Sequence': String(sequence),
      'X-Frame-Received-At': new Date(receivedAtMs).toISOString(),
    });
    assert.ok(Number(age) >= 30 && Number(age) < 5000, `${age} ms old`);
    assert.deepEqual(JSON.parse(String(body)), { sequence, quality: 60, width: 320 });
  }
});

test('a rate that is asked for is kept, with the newest pictures', async (t) => {
  const { streams, watch } = await start(t);
  let sequence = 0;
  const timer = setInterval(() => streams.front!.receiveFrame(++sequence), 10);
  t.after(() => clearInterval(timer));
  const reader = new PartReader(await watch('?fps=5'));
  const begin = performance.now();
  // Five slots of 200 ms lie between the first and the sixth, of which the first may be almost over.
  for (let parts = 0; parts < 6; parts++) {
    const { headers } = (await reader.next())!;
    assert.ok(Number(headers['X-Frame-Age-Ms']) < 100);
  }
  assert.ok(performance.now() - begin > 750, `Six within ${performance.now() - begin} ms`);
});

test('HEAD has the headers and ends', async (t) => {
  const { app } = await startTestApp(t);
  const { statusCode, headers, body } = await app.inject({ method: 'HEAD', url: PATH });
  assert.equal(statusCode, 200);
  assert.match(String(headers['content-type']), /^multipart\/x-mixed-replace/);
  assert.equal(body, '');
});

test('a wrong parameter is a 400, a camera that is down a 503', async (t) => {
  const { app, streams } = await startTestApp(t);
  assert.equal((await app.inject(`${PATH}?quality=0`)).statusCode, 400);
  assert.equal((await app.inject(`${PATH}?fps=0`)).json().message, 'Expected number 0.1-120 for fps but received 0');
  streams.front!.goDown();
  const answer = await app.inject(PATH);
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.json().cause.code, 'ERR_RTSP_REFUSED');
});

test('a stream that is open outlasts the camera going down', async (t) => {
  const { streams, watch } = await start(t);
  streams.front!.receiveFrame(1);
  const reader = new PartReader(await watch());
  await reader.next();
  streams.front!.goDown();
  streams.front!.goLive();
  streams.front!.receiveFrame(2);
  assert.equal((await reader.next())?.headers['X-Frame-Sequence'], '2');
});

test('a viewer that stops reading is given one picture, then the newest', async (t) => {
  const { streams, encoder, watch } = await start(t);
  encoder.padding = HUGE;
  streams.front!.receiveFrame(1);
  const response = await watch();
  const quick = new PartReader(await watch('?quality=1'));
  for (let sequence = 2; sequence <= 5; sequence++) {
    // Each of the other viewer's pictures is time in which the slow one could have been given another.
    await quick.next();
    streams.front!.receiveFrame(sequence);
  }
  const encodes = encoder.encodes.filter(({ options }) => options.quality === undefined);
  assert.deepEqual(
    encodes.map(({ sequence }) => sequence),
    [1],
  );
  const slow = new PartReader(response);
  assert.equal((await slow.next())?.headers['X-Frame-Sequence'], '1');
  assert.equal((await slow.next())?.headers['X-Frame-Sequence'], '5');
});

test('a viewer that reads nothing for ten seconds is dropped', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const testApp = await start(t);
  testApp.encoder.padding = HUGE;
  testApp.streams.front!.receiveFrame(1);
  const response = await testApp.watch();
  assert.equal(await viewersOf(testApp), 1);
  t.mock.timers.tick(9_999);
  assert.equal(await viewersOf(testApp), 1);
  t.mock.timers.tick(1);
  await assert.rejects(once(response.resume(), 'end'), { code: 'ECONNRESET' });
  assert.equal(await viewersOf(testApp), 0);
});

test('a viewer that goes away is forgotten', async (t) => {
  const testApp = await start(t);
  testApp.streams.front!.receiveFrame(1);
  const response = await testApp.watch();
  assert.equal(await viewersOf(testApp), 1);
  response.destroy();
  while ((await viewersOf(testApp)) > 0) await turn();
});

test('the server closes although viewers watch and do not read', async (t) => {
  const { app, streams, encoder, watch } = await start(t);
  streams.front!.receiveFrame(1);
  const reading = await watch();
  const reader = new PartReader(reading);
  await reader.next();
  encoder.padding = HUGE;
  await watch('?quality=1');
  await app.close();
  assert.equal(await reader.next(), undefined);
});
