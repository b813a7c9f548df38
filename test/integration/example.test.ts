import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/save-snapshot.js', import.meta.url));
const LOGIN = { user: 'viewer', password: 'quite#secret' };

describe('examples/save-snapshot', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let url: string;
  let folder: string;

  before(async () => {
    folder = cleanup.add(await mkdtemp(join(tmpdir(), 'framewell-example-')), (path) => rm(path, { recursive: true }));
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip()).path);
    ({ url } = simulator.addMount('/camera', clip, { auth: { scheme: 'digest', ...LOGIN } }));
  });

  after(() => cleanup.run());

  test('saves a picture and ends by itself', async () => {
    const path = join(folder, 'picture.jpg');
    const { code, output } = await runExample(withLogin(url, LOGIN), path);
    assert.equal(code, 0, output);
    assert.match(output, /picture\.jpg: frame \d+, 640x360/);
    assert.notEqual(readFrameNumber(await decodeJpeg(await readFile(path))), undefined);
  });

  test('says why there is no picture, without the password, and exits with 1', async () => {
    const { code, output } = await runExample(withLogin(url, { ...LOGIN, password: 'wrong#secret' }));
    assert.equal(code, 1);
    assert.match(output, /401/);
    assert.doesNotMatch(output, /secret/);
  });

  test('without a URL it tells its usage', async () => {
    const { code, output } = await runExample();
    assert.equal(code, 2);
    assert.match(output, /^Usage: /);
  });
});

function withLogin(url: string, { user, password }: { user: string; password: string }): string {
  return url.replace('//', `//${user}:${encodeURIComponent(password)}@`);
}

function runExample(...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [EXAMPLE, ...args], { timeout: 20_000 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr });
    });
  });
}
