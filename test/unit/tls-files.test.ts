import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConfigError } from '../../services/config.js';
import { certificateFilesOf, followCertificate, loadCertificate } from '../../services/tls-files.js';
import { writeCertificate } from '../support/certificate.js';
import { ManualClock } from '../support/manual-clock.js';
import { requires } from '../support/requires.js';
import { memoryLog } from '../support/test-app.js';

const LOOK_MS = 30_000;

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'framewell-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** The name on the certificate that a new connection is shown. */
async function nameShown(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

test('one file without the other is refused', () => {
  assert.equal(certificateFilesOf({ tlsCertFile: undefined, tlsKeyFile: undefined }), undefined);
  assert.throws(() => certificateFilesOf({ tlsCertFile: 'cert.pem', tlsKeyFile: undefined }), ConfigError);
  assert.throws(() => certificateFilesOf({ tlsCertFile: undefined, tlsKeyFile: 'key.pem' }), ConfigError);
});

test('files that cannot be used are said in a sentence', async (t) => {
  const folder = await makeFolder(t);
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const refused = (code: RegExp) => (error: unknown) => error instanceof ConfigError && code.test(error.message);
  await assert.rejects(loadCertificate(files), refused(/TLS_CERT_FILE and TLS_KEY_FILE but received ENOENT$/));
  for (const path of Object.values(files)) await writeFile(path, 'no PEM');
  await assert.rejects(loadCertificate(files), refused(/but received ERR_OSSL_\w+$/));
});

describe('a certificate that is replaced', { skip: requires('openssl') }, () => {
  async function start(t: TestContext) {
    const folder = await makeFolder(t);
    const files = writeCertificate(folder, 'first');
    const certificate = await loadCertificate(files);
    const server = createServer(certificate);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { log, lines } = memoryLog();
    const clock = new ManualClock();
    const stop = followCertificate(server, files, certificate, { log, clock });
    t.after(stop);
    /** Lets it look once. */
    const look = async () => {
      while (clock.sleepers === 0) await turn();
      clock.advance(LOOK_MS);
      while (clock.sleepers === 0) await turn();
    };
    return { folder, files, lines, clock, stop, look, port: (server.address() as AddressInfo).port };
  }

  test('is shown to the next connection', async (t) => {
    const { folder, port, look, lines } = await start(t);
    await look();
    assert.equal(await nameShown(port), 'first');
    writeCertificate(folder, 'second');
    await look();
    assert.equal(await nameShown(port), 'second');
    await look();
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['TLS certificate replaced'],
    );
  });

  test('is not shown before its key is there, which is said once', async (t) => {
    const { folder, files, port, look, lines } = await start(t);
    const other = writeCertificate(await makeFolder(t), 'second');
    const next = await loadCertificate(other);
    await writeFile(files.certFile, next.cert);
    await look();
    await look();
    assert.equal(await nameShown(port), 'first');
    await writeFile(join(folder, 'key.pem'), next.key);
    await look();
    assert.equal(await nameShown(port), 'second');
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['TLS certificate not replaced; the former one stays', 'TLS certificate replaced'],
    );
  });

  test('is not looked for after the end', async (t) => {
    const { clock, stop } = await start(t);
    while (clock.sleepers === 0) await turn();
    stop();
    await turn();
    assert.equal(clock.sleepers, 0);
  });
});
