import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { startTestApp, type TestApp } from '../support/test-app.js';

const PATH = '/cameras/front/stream';

/** The pictures of a WebSocket, in order. */
class Pictures {
  readonly received: { sequence: number; quality: number; width?: number; height?: number }[] = [];
  #arrived: () => void = () => undefined;

  constructor(socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => {
      assert.ok(isBinary, 'a JPEG is a binary message');
      this.received.push(JSON.parse(data.toString()));
      this.#arrived();
    });
  }

  get sequences(): number[] {
    return this.received.map(({ sequence }) => sequence);
  }

  /** Resolves when that picture has come. */
  async until(sequence: number): Promise<void> {
    while (!this.sequences.includes(sequence)) await new Promise<void>((resolve) => (this.#arrived = resolve));
  }
}

async function start(t: TestContext): Promise<TestApp & { watch: (query?: string) => Promise<WebSocket> }> {
  const testApp = await startTestApp(t);
  await testApp.app.listen({ port: 0 });
  const { port } = testApp.app.server.address() as AddressInfo;
  const watch = async (query = '') => {
    const socket = new WebSocket(`ws://localhost:${port}${PATH}${query}`);
    t.after(() => socket.terminate());
    await once(socket, 'open');
    return socket;
  };
  return { ...testApp, watch };
}

async function viewersOf({ app }: TestApp): Promise<number> {
  return (await app.inject('/cameras/front')).json().viewers;
}

async function untilViewers(testApp: TestApp, count: number): Promise<void> {
  while ((await viewersOf(testApp)) !== count) await turn();
}

test('each message is a JPEG of the size and quality asked for', async (t) => {
  const { streams, watch } = await start(t);
  streams.front!.receiveFrame(1);
  const pictures = new Pictures(await watch('?width=320&height=200&quality=60'));
  await pictures.until(1);
  streams.front!.receiveFrame(2);
  await pictures.until(2);
  assert.deepEqual(pictures.received, [
    { sequence: 1, quality: 60, width: 320, height: 200 },
    { sequence: 2, quality: 60, width: 320, height: 200 },
  ]);
});

for (const [path, status] of [
  ['/cameras/nowhere/stream', 404],
  [`${PATH}?quality=0`, 400],
  [`${PATH}?width=big`, 400],
] as const) {
  test(`${path} is answered ${status} instead of an upgrade`, async (t) => {
    const { app } = await startTestApp(t);
    await app.listen({ port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const socket = new WebSocket(`ws://localhost:${port}${path}`);
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, status);
    socket.on('error', () => undefined).terminate();
  });
}

test('a request without an upgrade is told so', async (t) => {
  const { app } = await startTestApp(t);
  const answer = await app.inject(PATH);
  assert.equal(answer.statusCode, 426);
  assert.equal(answer.headers.upgrade, 'websocket');
  assert.equal(answer.json().code, 'ERR_UPGRADE_REQUIRED');
});

test('a viewer that stops reading skips to the newest picture, and no other waits for it', async (t) => {
  const { streams, encoder, watch } = await start(t);
  encoder.padding = 64 * 1024;
  const front = streams.front!;
  const quickSocket = await watch();
  const slowSocket = await watch();
  const quick = new Pictures(quickSocket);
  const slow = new Pictures(slowSocket);
  front.receiveFrame(1);
  await Promise.all([quick.until(1), slow.until(1)]);

  slowSocket.pause();
  for (let sequence = 2; sequence <= 40; sequence++) {
    front.receiveFrame(sequence);
    await quick.until(sequence);
  }
  slowSocket.resume();
  await slow.until(40);

  assert.equal(quick.sequences.length, 40);
  // They all fit into the kernel's buffers: without confirmation by the viewer it would get every one.
  const between = slow.sequences.filter((sequence) => sequence > 1 && sequence < 40);
  assert.ok(between.length <= 3, `on its way were ${between.join()}`);
});

test('viewers of the same size and quality share one encode', async (t) => {
  const { streams, encoder, watch } = await start(t);
  const viewers = (
    await Promise.all(
      ['?width=320&quality=60', '?width=320&quality=60', '?quality=60&width=320'].map((query) => watch(query)),
    )
  ).map((socket) => new Pictures(socket));
  streams.front!.receiveFrame(1);
  await Promise.all(viewers.map((pictures) => pictures.until(1)));
  assert.equal(encoder.encodes.length, 1);
});

test('a viewer stays while the camera is down, and the pictures resume', async (t) => {
  const { streams, watch } = await start(t);
  const front = streams.front!;
  front.goDown();
  const pictures = new Pictures(await watch());
  front.goLive();
  front.receiveFrame(1);
  await pictures.until(1);
  front.goDown();
  front.goLive();
  front.receiveFrame(2);
  await pictures.until(2);
});

test('a viewer that leaves is forgotten, and nothing is encoded for it', async (t) => {
  const testApp = await start(t);
  const socket = await testApp.watch();
  await untilViewers(testApp, 1);
  socket.close();
  await untilViewers(testApp, 0);
  testApp.streams.front!.receiveFrame(1);
  await turn();
  assert.equal(testApp.encoder.encodes.length, 0);
  assert.deepEqual(testApp.streams.front!.frames.unreleased, []);
});

test('a viewer that vanished without a word is dropped after two heartbeats', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const testApp = await start(t);
  const socket = await testApp.watch();
  await untilViewers(testApp, 1);
  t.mock.timers.tick(15_000);
  await once(socket, 'ping');
  // Answered: still there after another.
  await once(testApp.app.websocketServer.clients.values().next().value!, 'pong');
  t.mock.timers.tick(15_000);
  assert.equal(await viewersOf(testApp), 1);
  socket.pause();
  t.mock.timers.tick(15_000);
  await untilViewers(testApp, 0);
});

test('a viewer that talks too much is dropped', async (t) => {
  const testApp = await start(t);
  const socket = await testApp.watch();
  socket.send(Buffer.alloc(2000));
  const [code] = await once(socket, 'close');
  assert.equal(code, 1009);
  await untilViewers(testApp, 0);
});

test('when the server closes, viewers are told that it goes away', async (t) => {
  const { app, watch } = await start(t);
  const socket = await watch();
  const closed = once(socket, 'close');
  await app.close();
  const [code, reason] = await closed;
  assert.equal(code, 1001);
  assert.equal(String(reason), 'The server is closing');
});

test('the server closes although a viewer does not answer', async (t) => {
  const { app, streams, encoder, watch } = await start(t);
  encoder.padding = 32 * 1024 * 1024;
  const socket = await watch();
  socket.pause();
  streams.front!.receiveFrame(1);
  const begin = performance.now();
  await app.close();
  assert.ok(performance.now() - begin < 2000);
});
