import { spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';
import test from 'node:test';
import { projectRoot } from '../../services/project-root.js';

test('the PTX that is kept is what the kernels compile to', (context) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-kernels.mjs', '--check'], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  if (status === 2) {
    context.skip(stderr.trim());
    return;
  }
  assert.equal(status, 0, stderr);
});
