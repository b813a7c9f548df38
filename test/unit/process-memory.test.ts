import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const MODULE = new URL('../../services/process-memory.js', import.meta.url).href;

test('the V8 of this Node knows the flags, of which it would else only complain', () => {
  const program = `(await import(${JSON.stringify(MODULE)})).keepMemorySmall()`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
});
