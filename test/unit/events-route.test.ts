import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { startTestApp, type TestAppOptions } from '../support/test-app.js';

const ADMIN_TOKEN = 'token-of-the-administrator';

interface Told {
  readonly event: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** What comes on an open connection, event by event. */
class Events {
  readonly response: IncomingMessage;
  readonly told: Told[] = [];
  /** What a client that came back would name. */
  lastId = '';
  /** Lines without meaning, which keep the connection alive. */
  heartbeats = 0;
  #text = '';

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  /** Where it began. */
  firstId = '';

  async connected(): Promise<void> {
    while (this.lastId === '') await once(this.response, 'data');
  }

  async until(count: number): Promise<void> {
    while (this.told.length < count) await once(this.response, 'data');
  }

  #read(text: string): void {
    const blocks = (this.#text + text).split('\n\n');
    this.#text = blocks.pop()!;
    for (const block of blocks) {
      if (block === ':') this.heartbeats += 1;
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
      this.lastId = fields.get('id') ?? this.lastId;
      this.firstId ||= this.lastId;
      const [event, data] = [fields.get('event'), fields.get('data')];
      if (event === undefined || data === undefined) continue;
      this.told.push({ event, id: this.lastId, data: JSON.parse(data) as Told['data'] });
    }
  }
}

const HALL_TOKEN = 'token-of-the-hall';

async function start(t: TestContext, options: TestAppOptions = { adminToken: ADMIN_TOKEN }) {
  const testApp = await startTestApp(t, options);
  await testApp.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = testApp.app.server.address() as AddressInfo;
  const listen = async (headers: OutgoingHttpHeaders = {}) => {
    const request = get(`http://127.0.0.1:${port}/events`, { headers });
    t.after(() => request.destroy());
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // Its end is seen by the tests that are about it.
    response.on('error', () => undefined);
    return new Events(response);
  };
  return { ...testApp, listen };
}

test('says at once that it is connected, as an event stream that nobody keeps', async (t) => {
  const { listen } = await start(t);
  const { response } = await listen();
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['content-type'], 'text/event-stream');
  assert.equal(response.headers['cache-control'], 'no-store');
});

test('tells what happens to the cameras, and not every try', async (t) => {
  const { app, streams, listen } = await start(t);
  const events = await listen();
  const sinceMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  const at = '2026-01-02T03:04:05.000Z';
  const cause = { code: 'ERR_RTSP_UNAUTHORIZED', message: 'The camera does not accept the user' };
  const front = streams.front!;
  front.become({ name: 'live', sinceMs });
  front.become({ name: 'backingOff', sinceMs, downSinceMs: sinceMs, attempt: 1, cause, retryAtMs: sinceMs });
  front.become({ name: 'connecting', sinceMs, downSinceMs: sinceMs, attempt: 2 });
  front.become({ name: 'backingOff', sinceMs, downSinceMs: sinceMs, attempt: 2, cause, retryAtMs: sinceMs });
  front.become({ name: 'live', sinceMs });
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  await app.inject({ method: 'POST', url: '/cameras', headers, payload: { id: 'attic', url: 'rtsp://camera.test/' } });
  await app.inject({ method: 'PATCH', url: '/cameras/attic', headers, payload: { name: 'The attic' } });
  await app.inject({ method: 'DELETE', url: '/cameras/attic', headers });
  await events.until(6);
  const first = events.told.slice(0, 3).map(({ event, data }) => ({ event, data }));
  assert.deepEqual(first, [
    { event: 'up', data: { camera: 'front', at } },
    { event: 'down', data: { camera: 'front', cause, retries: true, at } },
    { event: 'up', data: { camera: 'front', at } },
  ]);
  assert.equal(new Set(events.told.map(({ id }) => id)).size, 6);
  assert.deepEqual(
    events.told.slice(3).map(({ event, data }) => [event, data.camera]),
    [
      ['added', 'attic'],
      ['changed', 'attic'],
      ['removed', 'attic'],
    ],
  );
});

test('tells a client that comes back what it has missed, once', async (t) => {
  const { streams, listen } = await start(t);
  const events = await listen();
  streams.front!.goDown();
  await events.until(1);
  events.response.destroy();
  streams.yard!.goDown();
  streams.front!.goLive();
  const back = await listen({ 'Last-Event-ID': events.lastId });
  await back.until(2);
  streams.yard!.goLive();
  await back.until(3);
  assert.deepEqual(
    back.told.map(({ event, data }) => `${data.camera as string} ${event}`),
    ['yard down', 'front up', 'yard up'],
  );
});

test('tells it also what came first of all while it was away', async (t) => {
  const { streams, listen } = await start(t);
  const events = await listen();
  await events.connected();
  events.response.destroy();
  streams.front!.goDown();
  const back = await listen({ 'Last-Event-ID': events.lastId });
  await back.until(1);
  assert.equal(back.told[0]!.event, 'down');
});

test('asks a client to look at the cameras anew when it was away for too long', async (t) => {
  const { streams, listen } = await start(t);
  const events = await listen({ 'Last-Event-ID': 'of-another-server' });
  await events.until(1);
  assert.deepEqual([events.told[0]!.event, events.told[0]!.data], ['resync', {}]);
  // From there on it knows where it is.
  streams.front!.goDown();
  await events.until(2);
  const back = await listen({ 'Last-Event-ID': events.told[0]!.id });
  await back.until(1);
  assert.equal(back.told[0]!.event, 'down');
});

test('tells nothing of cameras that the client may not see, of what it has missed neither', async (t) => {
  const { streams, listen } = await start(t, { apiTokens: `hall:viewer:front:${HALL_TOKEN}` });
  const authorization = `Bearer ${HALL_TOKEN}`;
  const events = await listen({ authorization });
  await events.connected();
  streams.yard!.goDown();
  streams.front!.goDown();
  await events.until(1);
  const back = await listen({ authorization, 'Last-Event-ID': events.told[0]!.id });
  const before = await listen({ authorization, 'Last-Event-ID': events.firstId });
  streams.yard!.goLive();
  streams.front!.goLive();
  await Promise.all([events.until(2), back.until(1), before.until(2)]);
  for (const { told } of [events, back, before])
    assert.deepEqual(new Set(told.map(({ data }) => data.camera)), new Set(['front']));
});

test('says every twenty seconds that it is still there', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { listen } = await start(t);
  const events = await listen();
  await events.connected();
  t.mock.timers.tick(40_000);
  while (events.heartbeats < 2) await once(events.response, 'data');
  assert.equal(events.heartbeats, 2);
});

test('ends when the server closes', { timeout: 5000 }, async (t) => {
  const { app, listen } = await start(t);
  const { response } = await listen();
  const ended = once(response, 'end');
  await app.close();
  await ended;
});

test('a reader that is gone is forgotten, and one that does not read is let go', { timeout: 10_000 }, async (t) => {
  const { app, streams, listen } = await start(t);
  const gone = await listen();
  gone.response.destroy();
  const slow = await listen();
  slow.response.pause();
  const closed = once(slow.response.socket, 'close');
  const connections = () =>
    new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)));
  const message = 'x'.repeat(100_000);
  for (let event = 0; (await connections()) > 0; event++) {
    streams.front!.goDown({ code: `ERR_${event}`, message });
    await turn();
  }
  slow.response.resume();
  await closed;
});
