import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { writeCertificate } from '../support/certificate.js';
import { FramewellServer } from '../support/framewell-server.js';
import { RawConnection } from '../support/raw-connection.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { Viewer } from '../support/viewer.js';

function untilLogged(server: FramewellServer, words: RegExp): Promise<true> {
  return until(async () => words.test(server.logs) || undefined, {
    timeoutMs: 5000,
    describe: () => `Expected ${String(words)} in the logs but found:\n${server.logs}`,
  });
}

test('SIGUSR2 switches the log to debug and back', async () => {
  const token = 'token-of-the-administrator';
  const environment = { LOG_LEVEL: 'info', ADMIN_TOKEN: token };
  const server = await FramewellServer.start({ cameras: [], environment, secrets: [token] });
  try {
    assert.doesNotMatch(server.logs, /"level":20/);
    process.kill(server.pid, 'SIGUSR2');
    await untilLogged(server, /"logLevel":"debug","msg":"Log level changed"/);
    await fetch(`${server.origin}/cameras`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'attic', url: 'rtsp://127.0.0.1:1/' }),
    });
    await untilLogged(server, /"level":20,.*"state":"connecting","msg":"Camera state"/);
    process.kill(server.pid, 'SIGUSR2');
    await untilLogged(server, /"logLevel":"info","msg":"Log level changed"/);
  } finally {
    await server.stop();
  }
});

test('the metrics of a camera that somebody looks at are those of its engine and its viewers', async () => {
  const server = await FramewellServer.start({ cameras: [] });
  try {
    const viewer = await Viewer.open(server.origin, 'demo');
    await viewer.received(2);
    const { body } = await server.get('/metrics');
    const valueOf = (sample: string) => {
      const line = String(body)
        .split('\n')
        .find((text) => text.startsWith(`${sample} `));
      return Number(line?.slice(sample.length));
    };
    for (const sample of [
      'framewell_camera_decode_seconds_count{camera="demo"}',
      'framewell_camera_decode_seconds_sum{camera="demo"}',
      'framewell_camera_encode_seconds_count{camera="demo"}',
      'framewell_camera_access_units_total{camera="demo"}',
      'framewell_camera_received_bytes_total{camera="demo"}',
      'framewell_camera_decoded_frames_total{camera="demo"}',
      'framewell_camera_encodes_total{camera="demo"}',
      'framewell_camera_ring_bytes{camera="demo"}',
      'framewell_viewer_pictures_sent_total{transport="websocket"}',
      'framewell_work_threads',
    ]) {
      assert.ok(valueOf(sample) > 0, `Expected some ${sample} in\n${String(body)}`);
    }
    // A busy machine is as good as a slow link.
    assert.match(String(body), /^framewell_viewers\{transport="websocket",rung="\d+"\} 1$/m);
    assert.equal(valueOf('framewell_camera_packets_lost_total{camera="demo"}'), 0);
    viewer.close();
  } finally {
    await server.stop();
  }
});

test('SIGTERM tells viewers that the server goes, and exits with 0', async () => {
  const server = await FramewellServer.start({ cameras: [] });
  let closed;
  try {
    const viewer = await Viewer.open(server.origin, 'demo');
    await viewer.received(1);
    closed = once(viewer.socket, 'close');
  } finally {
    // Fails for any other exit.
    await server.stop('SIGTERM');
  }
  assert.equal((await closed)[0], 1001);
});

test('SIGTERM is not held up by connections on which no request was finished', async () => {
  const server = await FramewellServer.start({ cameras: [] });
  try {
    const head = 'POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const port = Number(new URL(server.origin).port);
    for (const beginning of ['', head, `${head}Content-Length: 9\r\n\r\n{`]) await RawConnection.open(port, beginning);
    // Answered on a connection that came later: the server has read the others.
    assert.equal((await server.get('/healthz')).status, 200);
  } finally {
    // Fails for any other exit than with 0, within 3 s.
    await server.stop('SIGTERM');
  }
  assert.doesNotMatch(server.logs, /Closing took too long/);
});

test(
  'with a certificate it speaks HTTPS, and its cookie goes nowhere else',
  { skip: requires('openssl') },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'framewell-https-'));
    t.after(() => rm(folder, { recursive: true }));
    const { certFile, keyFile } = writeCertificate(folder, 'framewell.test');
    const token = 'token-of-who-sees-every';
    const server = await FramewellServer.start({
      cameras: [],
      environment: { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, API_TOKENS: `anna:viewer:*:${token}` },
      secrets: [token],
    });
    try {
      assert.match(server.origin, /^https:/);
      const headers = { 'content-type': 'application/json' };
      const asked = request(`${server.origin}/session`, { method: 'POST', headers, ca: await readFile(certFile) });
      asked.end(JSON.stringify({ token }));
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      assert.deepEqual(await json(answer), { name: 'anna', role: 'viewer' });
      assert.match(String(answer.headers['set-cookie']), /; Secure/);
    } finally {
      await server.stop();
    }
  },
);
