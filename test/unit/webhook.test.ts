import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { CameraEvent } from '../../services/cameras/camera-events.js';
import { Webhook } from '../../services/webhook.js';
import { ManualClock } from '../support/manual-clock.js';
import { memoryLog } from '../support/test-app.js';

const KEY = 'key-in-the-url';
const SECRET = 'secret-of-the-signature';

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Whoever is told of events; answers with the next of `statuses`, at last with 204. */
class Receiver {
  readonly posts: Post[] = [];
  readonly statuses: number[] = [];
  /** Whether requests wait for ever. */
  isSilent = false;
  readonly #arrivals = new EventEmitter();
  readonly #server = createServer((request, response) => {
    void text(request).then((body) => {
      this.posts.push({ headers: request.headers, body });
      this.#arrivals.emit('post');
      const status = this.statuses.shift() ?? 204;
      if (!this.isSilent) response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });

  async listen(t: TestContext): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    t.after(() => {
      this.#server.close();
      this.#server.closeAllConnections();
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?key=${KEY}`;
  }

  async received(count: number): Promise<void> {
    while (this.posts.length < count) await once(this.#arrivals, 'post');
  }

  /** The cameras of the events, in the order of their coming. */
  get cameras(): string[] {
    return this.posts.map(({ body }) => (JSON.parse(body) as { camera: string }).camera);
  }
}

async function start(t: TestContext, secret?: string) {
  const receiver = new Receiver();
  const { log, lines } = memoryLog();
  const clock = new ManualClock();
  const webhook = new Webhook({ url: await receiver.listen(t), secret, log, clock });
  t.after(() => webhook.close());
  /** Ends the pause before the next try. */
  const retry = async (pauseMs: number) => {
    while (clock.sleepers === 0) await turn();
    clock.advance(pauseMs - 1);
    assert.equal(clock.sleepers, 1, `Expected a pause of ${pauseMs} ms`);
    clock.advance(1);
  };
  return { receiver, webhook, clock, lines, retry };
}

function up(camera: string): CameraEvent {
  return { id: randomUUID(), type: 'up', camera, atMs: Date.UTC(2026, 0, 2, 3, 4, 5) };
}

test('an event is posted as JSON', async (t) => {
  const { receiver, webhook } = await start(t);
  const event = up('front');
  webhook.tell({ ...event, type: 'down', cause: { code: 'ERR_RTSP_REFUSED', message: 'No' }, retries: true });
  await receiver.received(1);
  const [{ headers, body }] = receiver.posts as [Post];
  const { id, ...facts } = JSON.parse(body) as Record<string, unknown>;
  assert.deepEqual(facts, {
    type: 'down',
    camera: 'front',
    cause: { code: 'ERR_RTSP_REFUSED', message: 'No' },
    retries: true,
    at: '2026-01-02T03:04:05.000Z',
  });
  assert.equal(headers['content-type'], 'application/json');
  assert.deepEqual([id, headers['x-framewell-event-id']], [event.id, event.id]);
  assert.equal(headers['x-framewell-signature'], undefined);
});

test('with a secret it is signed, with its time', async (t) => {
  const { receiver, webhook, clock } = await start(t, SECRET);
  webhook.tell(up('front'));
  await receiver.received(1);
  const [{ headers, body }] = receiver.posts as [Post];
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-framewell-signature']))!;
  assert.equal(Number(seconds), Math.floor(clock.now() / 1000));
  assert.equal(signature, createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex'));
});

test('what is not taken is sent again after growing pauses, under the same id, before what follows', async (t) => {
  const { receiver, webhook, retry } = await start(t);
  receiver.statuses.push(500, 404, 302);
  webhook.tell(up('front'));
  webhook.tell(up('yard'));
  for (const pauseMs of [1000, 2000, 4000]) await retry(pauseMs);
  await receiver.received(5);
  assert.deepEqual(receiver.cameras, ['front', 'front', 'front', 'front', 'yard']);
  assert.equal(new Set(receiver.posts.map(({ headers }) => headers['x-framewell-event-id'])).size, 2);
});

test('the log tells once that nobody answers and once that somebody does, and no key', async (t) => {
  const { receiver, webhook, retry, lines } = await start(t, SECRET);
  receiver.statuses.push(500, 503);
  webhook.tell(up('front'));
  await retry(1000);
  await retry(2000);
  webhook.tell(up('yard'));
  await receiver.received(4);
  assert.deepEqual(
    lines.map(({ msg, problem }) => [msg, problem]),
    [
      ['Webhook not answered', 'status 500'],
      ['Webhook answered again', undefined],
    ],
  );
  const written = JSON.stringify(lines);
  assert.ok(!written.includes(KEY) && !written.includes(SECRET));
});

test('an event is given up after fifteen tries, and the next one follows', async (t) => {
  const { receiver, webhook, clock, lines } = await start(t);
  receiver.statuses.push(...Array<number>(15).fill(500));
  webhook.tell(up('front'));
  webhook.tell(up('yard'));
  for (let tries = 0; tries < 15; tries++) {
    while (clock.sleepers === 0) await turn();
    clock.advance(60_000);
  }
  await receiver.received(16);
  assert.equal(receiver.cameras.filter((camera) => camera === 'front').length, 15);
  assert.equal(receiver.cameras.at(-1), 'yard');
  assert.ok(lines.some(({ msg }) => msg === 'Webhook event given up'));
});

test('a thousand events wait at most, and the oldest are dropped', async (t) => {
  const { receiver, webhook, retry } = await start(t);
  receiver.statuses.push(500);
  for (let event = 0; event < 1003; event++) webhook.tell(up(`camera-${event}`));
  await retry(1000);
  await receiver.received(1002);
  assert.deepEqual(receiver.cameras.slice(0, 3), ['camera-0', 'camera-0', 'camera-3']);
  assert.equal(receiver.cameras.at(-1), 'camera-1002');
});

test('a receiver that does not answer within ten seconds is asked again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { receiver, webhook, clock, lines } = await start(t);
  receiver.isSilent = true;
  webhook.tell(up('front'));
  await receiver.received(1);
  t.mock.timers.tick(9999);
  await turn();
  assert.deepEqual(lines, []);
  t.mock.timers.tick(1);
  while (clock.sleepers === 0) await turn();
  assert.deepEqual(
    lines.map(({ problem }) => problem),
    ['TimeoutError'],
  );
});

test('closing ends a request and a pause, and sends nothing more', { timeout: 5000 }, async (t) => {
  const { receiver, webhook, clock } = await start(t);
  receiver.isSilent = true;
  webhook.tell(up('front'));
  webhook.tell(up('yard'));
  await receiver.received(1);
  await webhook.close();
  assert.equal(clock.sleepers, 0);
  assert.deepEqual(receiver.cameras, ['front']);

  const paused = await start(t);
  paused.receiver.statuses.push(500);
  paused.webhook.tell(up('front'));
  while (paused.clock.sleepers === 0) await turn();
  await paused.webhook.close();
  assert.deepEqual(paused.receiver.cameras, ['front']);
});
