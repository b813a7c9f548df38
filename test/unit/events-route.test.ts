import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { startTestApp } from '../support/test-app.js';

const ADMIN_TOKEN = 'token-of-the-administrator';

interface Told {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** What comes on an open connection, event by event. */
class Events {
  readonly response: IncomingMessage;
  readonly told: Told[] = [];
  #text = '';

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  async until(count: number): Promise<void> {
    while (this.told.length < count) await once(this.response, 'data');
  }

  #read(text: string): void {
    const blocks = (this.#text + text).split('\n\n');
    this.#text = blocks.pop()!;
    for (const block of blocks) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (data !== undefined) this.told.push({ event: event!, data: JSON.parse(data) as Told['data'] });
    }
  }
}

async function start(t: TestContext) {
  const testApp = await startTestApp(t, { adminToken: ADMIN_TOKEN });
  await testApp.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = testApp.app.server.address() as AddressInfo;
  const listen = async () => {
    const request = get(`http://127.0.0.1:${port}/events`);
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
  assert.deepEqual(events.told.slice(0, 3), [
    { event: 'up', data: { camera: 'front', at } },
    { event: 'down', data: { camera: 'front', cause, retries: true, at } },
    { event: 'up', data: { camera: 'front', at } },
  ]);
  assert.deepEqual(
    events.told.slice(3).map(({ event, data }) => [event, data.camera]),
    [
      ['added', 'attic'],
      ['changed', 'attic'],
      ['removed', 'attic'],
    ],
  );
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
