import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { RawConnection } from '../support/raw-connection.js';
import { startTestApp } from '../support/test-app.js';

for (const { what, bytes, status, message } of [
  {
    what: 'what is no HTTP',
    bytes: 'hello\r\n\r\n',
    status: 400,
    message: 'Expected an HTTP/1.1 request but received what is none',
  },
  {
    what: 'headers without end',
    bytes: `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
    status: 431,
    message: 'Expected headers of at most 16384 bytes',
  },
  {
    what: 'a head that does not end in time',
    bytes: 'GET / HTTP/1.1\r\nHost: localhost\r\n',
    status: 408,
    message: 'Expected the whole request within 15 s',
  },
]) {
  test(`${what}: ${status} with a code and words, and the connection ends`, { timeout: 20_000 }, async (t) => {
    const { app } = await startTestApp(t);
    // In place of ten seconds.
    app.server.headersTimeout = 100;
    await app.listen({ port: 0, host: '127.0.0.1' });
    const connection = await RawConnection.open((app.server.address() as AddressInfo).port, bytes);
    await connection.closed;
    assert.deepEqual(connection.statuses, [status]);
    const [head, body] = connection.received.toString().split('\r\n\r\n');
    assert.match(head!, /^content-type: application\/json\r$/im);
    assert.deepEqual(JSON.parse(body!), { code: 'ERR_BAD_REQUEST', message });
  });
}
