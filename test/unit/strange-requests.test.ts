import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startTestApp } from '../support/test-app.js';

test('a request whose connection broke is no fault, and is counted for nobody', async (t) => {
  const { app, lines } = await startTestApp(t, { requestsPerMinute: 10 });
  const gone = new Promise<void>((resolve) => {
    app.server.prependListener('request', (request) => {
      request.socket.destroy();
      resolve();
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined).write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await Promise.all([gone, once(client.resume(), 'close')]);
  assert.deepEqual(
    lines.filter(({ level }) => level >= 50),
    [],
  );
});

const HEADERS = (count: number) => Array.from({ length: count }, (_, at) => `X-${at}: y\r\n`).join('');
for (const [title, head, status] of [
  ['as many headers as there may be', HEADERS(126), 200],
  ['one header more', HEADERS(127), 400],
  ['a host with a port', '', 200],
] as const) {
  test(`${title} is answered ${status}`, async (t) => {
    const { app } = await startTestApp(t);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    client.write(`GET /healthz HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n${head}\r\n`);
    assert.match(await text(client), new RegExp(`^HTTP/1.1 ${status} `));
  });
}
