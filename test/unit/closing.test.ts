import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
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

/** What a client may have said when the server closes, and no answer is owed for. */
const BEGINNINGS = {
  'nothing yet': '',
  'half a head': 'GET /cameras HTTP/1.1\r\nHost: localhost\r\n',
  'half a body':
    'POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{',
};
for (const [title, text] of Object.entries(BEGINNINGS)) {
  test(`a server that closes does not wait for who has said ${title}`, { timeout: 20_000 }, async (t) => {
    const { app } = await startTestApp(t);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const accepted = once(app.server, 'connection');
    const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    client.resume().on('error', () => undefined);
    const closed = once(client, 'close');
    await Promise.all([once(client, 'connect'), accepted]);
    if (text !== '') {
      const [socket] = (await accepted) as [NodeJS.EventEmitter];
      const read = once(socket, 'data');
      client.write(text);
      await read;
    }
    await app.close();
    await closed;
  });
}
