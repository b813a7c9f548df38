import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../services/project-root.js';
import { requires } from '../support/requires.js';

describe('npm run bench:gpu', { skip: requires('ffmpeg') }, () => {
  const bench = (environment: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, [join(projectRoot, 'dist/bench/gpu/bench.js')], { env: environment });

  test('measures every part of the stand-in, and says that its figures mean nothing', async () => {
    const { stdout } = await bench(process.env);
    const [first] = stdout.split('\n');
    assert.match(first!, /, stand-in driver: figures mean nothing$/);
    const rows = stdout.split('\n').filter((line) => line.startsWith('|') && /\d/.test(line));
    assert.doesNotMatch(stdout, /NaN|undefined/);
    // Memory of none, 1 and 2 streams; 1 and 2 decoders; 1 and 2 workers; three rows of snapshots.
    assert.equal(rows.length, 3 + 2 + 2 + 3, stdout);
  });

  test('is skipped with the reason where there is no card', async () => {
    const { stdout } = await bench({ ...process.env, FRAMEWELL_STAND_IN_DRIVER: '/nowhere' });
    assert.match(stdout, /^Skipped, since there is no card: \/nowhere\/libcuda\.so\.1: cannot open shared object file/);
  });
});
