import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Waits for a picture that does not come. */
const SNAPSHOT = '/cameras/front/snapshot.jpg?after=1&wait=60000';

class Client {
  readonly agent = new Agent({ keepAlive: true });
  readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  open(path: string): ClientRequest {
    // The test cuts it off itself.
    return get({ port: this.port, path, agent: this.agent }).on('error', () => undefined);
  }

  async answer(path: string): Promise<IncomingMessage & { body: string }> {
    const [response] = (await once(this.open(path), 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return Object.assign(response, { body });
  }

  socket(path: string): WebSocket {
    return new WebSocket(`ws://localhost:${this.port}${path}`);
  }
}

async function start(t: TestContext, clientMaxRequests: number): Promise<TestApp & { client: Client }> {
  const testApp = await startTestApp(t, { clientMaxRequests });
  testApp.streams.front!.receiveFrame(1);
  await testApp.app.listen({ port: 0 });
  const client = new Client((testApp.app.server.address() as AddressInfo).port);
  t.after(() => client.agent.destroy());
  return { ...testApp, client };
}

/** Asks until the server has room again, for which no event tells here. */
async function untilRoom(client: Client): Promise<void> {
  while ((await client.answer('/cameras/front/snapshot.jpg')).statusCode === 429) await turn();
}

test('what goes beyond is a 429 that says when to ask again', async (t) => {
  const { client, streams } = await start(t, 1);
  const asked = streams.front!.nextAsked();
  client.open(SNAPSHOT);
  await asked;
  const { statusCode, headers, body } = await client.answer('/cameras/front/snapshot.jpg');
  assert.equal(statusCode, 429);
  assert.equal(headers['retry-after'], '1');
  assert.deepEqual(JSON.parse(body), {
    code: 'ERR_TOO_MANY_REQUESTS',
    message: 'Expected at most 1 open pictures and streams from one address',
  });
  streams.front!.receiveFrame(2);
  await untilRoom(client);
});

test('routes without pictures do not count', async (t) => {
  const { client, streams } = await start(t, 1);
  const asked = streams.front!.nextAsked();
  client.open(SNAPSHOT);
  await asked;
  for (const path of ['/cameras', '/cameras/front', '/']) assert.equal((await client.answer(path)).statusCode, 200);
  streams.front!.receiveFrame(2);
});

describe('a place is given back', () => {
  test('by every answer, also on a connection that stays open', async (t) => {
    const { client } = await start(t, 1);
    for (let round = 0; round < 3; round++) {
      assert.equal((await client.answer('/cameras/front/snapshot.jpg')).statusCode, 200);
      assert.equal((await client.answer('/cameras/front/snapshot.jpg?quality=0')).statusCode, 400);
      assert.equal((await client.answer('/cameras/nobody/snapshot.jpg')).statusCode, 404);
    }
  });

  for (const path of [SNAPSHOT, '/cameras/front/stream.mjpeg']) {
    test(`by a client that cuts ${path} off`, async (t) => {
      const { client, streams } = await start(t, 1);
      const asked = streams.front!.nextAsked();
      const request = client.open(path);
      await asked;
      assert.equal((await client.answer('/cameras/front/snapshot.jpg')).statusCode, 429);
      request.destroy();
      await untilRoom(client);
    });
  }

  test('by a WebSocket that closes', async (t) => {
    const { client } = await start(t, 1);
    const socket = client.socket('/cameras/front/stream');
    await once(socket, 'open');
    assert.equal((await client.answer('/cameras/front/snapshot.jpg')).statusCode, 429);
    socket.close();
    await untilRoom(client);
  });

  test('by a WebSocket that is refused', async (t) => {
    const { client } = await start(t, 1);
    for (const path of ['/cameras/nobody/stream', '/cameras/front/stream?quality=0']) {
      await once(client.socket(path), 'error');
      await untilRoom(client);
    }
  });
});

test('a WebSocket beyond the limit is refused before the upgrade', async (t) => {
  const { client } = await start(t, 1);
  const first = client.socket('/cameras/front/stream');
  await once(first, 'open');
  const [error] = (await once(client.socket('/cameras/front/stream'), 'error')) as [Error];
  assert.match(error.message, /429/);
  first.terminate();
});

test('each address has its own places', async (t) => {
  const { app, client, streams } = await start(t, 1);
  const asked = streams.front!.nextAsked();
  client.open(SNAPSHOT);
  await asked;
  const other = await app.inject({ url: '/cameras/front/snapshot.jpg', remoteAddress: '192.0.2.7' });
  assert.equal(other.statusCode, 200);
  streams.front!.receiveFrame(2);
});
