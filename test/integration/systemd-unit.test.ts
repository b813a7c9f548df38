import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../services/project-root.js';
import { requires } from '../support/requires.js';

test('systemd has nothing to say against deploy/framewell.service', { skip: requires('systemd-analyze') }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'framewell-unit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'framewell.service');
  // It looks whether the program is there.
  const unit = readFileSync(join(projectRoot, 'deploy/framewell.service'), 'utf8');
  writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
  assert.deepEqual({ status, said: stdout + stderr }, { status: 0, said: '' });
});
