import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startTestApp } from '../support/test-app.js';

test('a server that closes waits for its last answer, and not for the connection', { timeout: 20_000 }, async (t) => {
  const { app, streams } = await startTestApp(t);
  const front = streams.front!;
  front.receiveFrame(1);
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const asked = front.nextAsked();
  const request = get({ port, path: '/cameras/front/snapshot.jpg?after=1&wait=60000', agent });
  await asked;
  const closed = app.close();
  while (app.server.listening) await new Promise((resolve) => setImmediate(resolve));
  front.receiveFrame(2);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  await once(response.resume(), 'end');
  await closed;
});
