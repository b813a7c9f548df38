import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { ViewerGroup, type LiveViewer } from '../../services/http/live-viewers.js';
import { LOWEST_RUNG } from '../../services/jpeg/rungs.js';
import { PartReader } from '../support/part-reader.js';
import { startTestApp } from '../support/test-app.js';
import { Viewer } from '../support/viewer.js';

/** More than the kernel's buffers between two sockets of one machine ever hold. */
const HUGE = 32 * 1024 * 1024;

async function start(t: TestContext) {
  const testApp = await startTestApp(t);
  await testApp.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = testApp.app.server.address() as AddressInfo;
  const metrics = async () => (await testApp.app.inject('/metrics')).body;
  return {
    ...testApp,
    origin: `http://127.0.0.1:${port}`,
    metrics,
    /** Of a sample that has to be there. */
    valueOf: async (sample: string) => {
      const line = (await metrics()).split('\n').find((text) => text.startsWith(`${sample} `));
      assert.ok(line, sample);
      return Number(line.slice(sample.length));
    },
  };
}

test('viewers are counted by the rung that they are on, until their connection closes', () => {
  const viewers = new ViewerGroup<LiveViewer>();
  const [first, second] = [new EventEmitter(), new EventEmitter()];
  const slow = { rung: 3 };
  viewers.add({ rung: 0 }, first);
  viewers.add(slow, second);
  const counts = () => Object.entries(viewers.byRung).filter(([, count]) => count > 0);
  assert.deepEqual(counts(), [
    ['0', 1],
    ['3', 1],
  ]);
  slow.rung = LOWEST_RUNG;
  first.emit('close');
  assert.deepEqual(counts(), [[String(LOWEST_RUNG), 1]]);
  second.emit('close');
  assert.deepEqual(counts(), []);
});

test('Prometheus is told of WebSockets and of multipart answers, on every rung there is', async (t) => {
  const { origin, metrics, valueOf } = await start(t);
  const viewers = [await Viewer.open(origin, 'front'), await Viewer.open(origin, 'yard')];
  const request = get(`${origin}/cameras/front/stream.mjpeg`, { agent: false });
  await once(request, 'response');
  assert.equal(await valueOf('framewell_viewers{transport="websocket",rung="0"}'), 2);
  assert.equal(await valueOf(`framewell_viewers{transport="websocket",rung="${LOWEST_RUNG}"}`), 0);
  assert.equal(await valueOf('framewell_viewers{transport="multipart",rung="0"}'), 1);
  for (const viewer of viewers) viewer.close();
  request.destroy();
  while (/^framewell_viewers\{.*\} [^0]/m.test(await metrics())) await turn();
});

test('what a slow viewer misses is counted, and nothing of who keeps up', async (t) => {
  const { streams, encoder, origin, valueOf } = await start(t);
  encoder.padding = 64 * 1024;
  const [quick, slow] = [await Viewer.open(origin, 'front'), await Viewer.open(origin, 'front')];
  t.after(() => [quick, slow].forEach((viewer) => viewer.close()));
  streams.front!.receiveFrame(1);
  await Promise.all([quick.received(1), slow.received(1)]);
  slow.socket.pause();
  for (let sequence = 2; sequence <= 40; sequence++) {
    streams.front!.receiveFrame(sequence);
    await quick.received(sequence);
  }
  slow.socket.resume();
  const newest = () => (JSON.parse(slow.pictures.at(-1)!.toString()) as { sequence: number }).sequence;
  while (newest() < 40) await once(slow.socket, 'message');
  const seen = slow.pictures.length;
  assert.ok(seen < 10, `The slow viewer saw ${seen}`);
  assert.equal(await valueOf('framewell_viewer_pictures_sent_total{transport="websocket"}'), 40 + seen);
  assert.equal(await valueOf('framewell_viewer_pictures_dropped_total{transport="websocket"}'), 40 - seen);
  assert.equal(await valueOf('framewell_viewer_pictures_dropped_total{transport="multipart"}'), 0);
});

test('what a multipart answer leaves out is counted too, but not what came while the camera was down', async (t) => {
  const { streams, encoder, origin, valueOf } = await start(t);
  const front = streams.front!;
  encoder.padding = HUGE;
  front.receiveFrame(1);
  const request = get(`${origin}/cameras/front/stream.mjpeg`, { agent: false });
  t.after(() => request.destroy());
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  for (let sequence = 2; sequence <= 5; sequence++) front.receiveFrame(sequence);
  encoder.padding = 0;
  const reader = new PartReader(response);
  const next = async () => Number((await reader.next())?.headers['X-Frame-Sequence']);
  assert.deepEqual([await next(), await next()], [1, 5]);
  assert.equal(await valueOf('framewell_viewer_pictures_dropped_total{transport="multipart"}'), 3);
  front.goDown();
  front.goLive();
  front.receiveFrame(50);
  assert.equal(await next(), 50);
  assert.equal(await valueOf('framewell_viewer_pictures_dropped_total{transport="multipart"}'), 3);
  assert.equal(await valueOf('framewell_viewer_pictures_sent_total{transport="multipart"}'), 3);
});

test('a caller who may not see every camera is told nothing of it', async (t) => {
  const { app } = await startTestApp(t, { apiTokens: 'hall:viewer:front:token-of-the-hall' });
  const { body } = await app.inject({ url: '/metrics', headers: { authorization: 'Bearer token-of-the-hall' } });
  assert.match(body, /^framewell_camera_up\{camera="front"\} 1$/m);
  assert.doesNotMatch(body, /^framewell_(viewer|work)/m);
});
