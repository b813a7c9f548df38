import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { writeCertificate } from '../support/certificate.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer } from '../support/framewell-server.js';
import { HostileTarget, VIEWER_TOKEN } from '../support/hostile-target.js';
import { RawConnection } from '../support/raw-connection.js';
import { requires } from '../support/requires.js';

const CROWD = 1000;
const RESETS = 500;
const SLOW = 100;

/** A slow client sends a byte so often. */
const DRIP_MS = 500;

/** What the server waits at most; the rest is for a busy machine. */
const HEAD_TIMEOUT_MS = 10_000 + 20_000;
const BODY_TIMEOUT_MS = 15_000 + 20_000;
const HEARTBEATS_MS = 30_000 + 20_000;

const BODY = 'POST /session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
const REQUEST = 'GET /cameras HTTP/1.1\r\nHost: 127.0.0.1\r\n';
const UPGRADE = `${REQUEST.replace('/cameras', '/stream')}Upgrade: websocket\r\nConnection: Upgrade\r\n`;

describe('a crowd', { skip: requires('ffmpeg') || requires('openssl') }, () => {
  const cleanup = new Cleanup();
  let target: HostileTarget;
  /** WebSockets, each until it is closed. */
  const idle: Promise<unknown>[] = [];
  /** Speaks HTTPS. */
  let secure: FramewellServer;

  before(async () => {
    // Room for one address to open them all: the limit has tests of its own.
    target = await HostileTarget.start(cleanup, { CLIENT_MAX_REQUESTS: '10000' });
    for (let opened = 0; opened < CROWD; opened += SLOW) idle.push(...(await openWebSockets(SLOW)));
    const folder = await mkdtemp(join(tmpdir(), 'framewell-hostile-'));
    cleanup.add(folder, (it) => rm(it, { recursive: true }));
    const { certFile, keyFile } = writeCertificate(folder, 'framewell.test');
    const environment = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
    secure = cleanup.add(await FramewellServer.start({ cameras: [], environment }), (it) => it.stop());
  });

  after(() => cleanup.run());

  /** What resolves when each is closed again. */
  async function openWebSockets(count: number): Promise<Promise<unknown>[]> {
    const url = `${target.server.origin.replace('http', 'ws')}/stream`;
    const headers = { authorization: `Bearer ${VIEWER_TOKEN}` };
    const sockets = Array.from(
      { length: count },
      () => new WebSocket(url, 'framewell.v1', { headers, autoPong: false }),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    return sockets.map((socket) => once(socket, 'close'));
  }

  function openMany(count: number, bytes: string, port = target.port): Promise<RawConnection[]> {
    return Promise.all(Array.from({ length: count }, () => RawConnection.open(port, bytes)));
  }

  /** Has each say a byte now and then, until all are ended. */
  async function drip(connections: readonly RawConnection[], byte: string, timeoutMs: number): Promise<void> {
    const timer = setInterval(() => {
      for (const connection of connections) if (!connection.socket.destroyed) connection.send(byte);
    }, DRIP_MS);
    try {
      await Promise.all(connections.map((connection) => connection.untilClosed(timeoutMs)));
    } finally {
      clearInterval(timer);
    }
  }

  function assertTimedOut(connections: readonly RawConnection[]): void {
    // Who goes on to send may lose the answer to the reset that follows it.
    for (const { statuses } of connections) assert.ok(statuses.every((status) => status === 408));
  }

  /** All at once: most wait for a time-out of the server. */
  describe('of clients in no hurry is ended:', { concurrency: true }, () => {
    test('a thousand that say nothing', async () => {
      const connections = await openMany(CROWD, '');
      await Promise.all(connections.map((connection) => connection.untilClosed(HEAD_TIMEOUT_MS)));
      assertTimedOut(connections);
    });

    test('heads that come byte by byte', async () => {
      const connections = await openMany(SLOW, `${REQUEST}X-Slow: `);
      await drip(connections, 'a', HEAD_TIMEOUT_MS);
      assertTimedOut(connections);
    });

    test('lines before a request, without end', async () => {
      const connections = await openMany(SLOW, '\r\n');
      await drip(connections, '\r\n', HEAD_TIMEOUT_MS);
      assertTimedOut(connections);
    });

    test('bodies that come byte by byte', async () => {
      const connections = await openMany(SLOW, `${BODY}Content-Length: 10000\r\n\r\n`);
      await drip(connections, ' ', BODY_TIMEOUT_MS);
      assertTimedOut(connections);
    });

    test('chunks that come one by one', async () => {
      const connections = await openMany(SLOW, `${BODY}Transfer-Encoding: chunked\r\n\r\n`);
      await drip(connections, '1\r\n \r\n', BODY_TIMEOUT_MS);
      assertTimedOut(connections);
    });

    test('hands that are not shaken over TLS, and HTTP that comes in place of them', async () => {
      const port = Number(new URL(secure.origin).port);
      const connections = [...(await openMany(SLOW, '', port)), ...(await openMany(SLOW, `${REQUEST}\r\n`, port))];
      await Promise.all(connections.map((connection) => connection.untilClosed(HEAD_TIMEOUT_MS)));
      for (const { statuses } of connections) assert.deepEqual(statuses, []);
    });

    test('a thousand WebSockets that subscribe to nothing and answer no ping', { timeout: HEARTBEATS_MS }, async () => {
      await Promise.all(idle);
    });
  });

  describe('that connects and resets', () => {
    for (const [title, bytes] of Object.entries({
      'at once': '',
      'after a request': `${REQUEST}\r\n`,
      'after many requests': `${REQUEST}\r\n`.repeat(20),
      'after half a request': REQUEST,
      'after an upgrade': `${UPGRADE}\r\n`,
    })) {
      test(`${title} leaves nothing behind`, async () => {
        await Promise.all(
          Array.from({ length: RESETS }, async () => {
            const socket = connect(target.port, '127.0.0.1').on('error', () => undefined);
            await once(socket, 'connect');
            socket.write(bytes, () => socket.resetAndDestroy());
            await once(socket, 'close');
          }),
        );
        assert.equal((await target.server.get('/healthz')).status, 200);
      });
    }
  });

  test('harms nobody', () => target.assertUnharmed());
});
