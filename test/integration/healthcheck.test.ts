import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeCertificate } from '../support/certificate.js';
import { FramewellServer } from '../support/framewell-server.js';
import { requires } from '../support/requires.js';
import { unusedPort } from '../support/unused-port.js';

const PROGRAM = fileURLToPath(new URL('../../healthcheck.js', import.meta.url));

type Settings = Readonly<Record<string, string>>;

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'framewell-health-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** The program under these settings: its exit code and what it says. */
async function checkHealth(t: TestContext, settings: Settings): Promise<{ code: number | null; said: string }> {
  const cwd = await emptyFolder(t);
  return new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env.PATH, ...settings }, timeout: 20_000 };
    const child = execFile(process.execPath, [PROGRAM], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, said: stdout + stderr });
    });
  });
}

const HEALTHY = { code: 0, said: '' };

test('a server that answers is healthy, also one that listens on every network', async (t) => {
  const server = await FramewellServer.start({ cameras: [] });
  try {
    const { port } = new URL(server.origin);
    assert.deepEqual(await checkHealth(t, { PORT: port }), HEALTHY);
    assert.deepEqual(await checkHealth(t, { PORT: port, HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' }), HEALTHY);
  } finally {
    await server.stop();
  }
});

test('so is one with tokens and TLS, whatever name its certificate has', { skip: requires('openssl') }, async (t) => {
  const { certFile, keyFile } = writeCertificate(await emptyFolder(t), 'cameras.example.org');
  const tokens = { API_TOKENS: 'anna:viewer:*:token-of-who-sees-every' };
  const settings = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, ...tokens };
  const server = await FramewellServer.start({ cameras: [], environment: settings });
  try {
    const { port } = new URL(server.origin);
    assert.deepEqual(await checkHealth(t, { ...settings, PORT: port }), HEALTHY);
    assert.equal((await checkHealth(t, { PORT: port })).code, 1, 'HTTP, to a server with TLS');
  } finally {
    await server.stop();
  }
});

test('no server on the port is not', async (t) => {
  const port = String(await unusedPort());
  const { code, said } = await checkHealth(t, { PORT: port });
  assert.equal(code, 1);
  assert.match(said, new RegExp(`^Expected Framewell at 127\\.0\\.0\\.1 port ${port} but: .*ECONNREFUSED`));
});
