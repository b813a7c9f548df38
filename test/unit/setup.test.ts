import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A process that runs alone among those of its folder, says so, and stays until its input ends. */
function startExclusive(folder: string): ChildProcess & { firstLine: Promise<unknown> } {
  const program = `const { exclusively } = await import(${JSON.stringify(join(folder, 'scripts/setup/exclusively.mjs'))});
    await exclusively();
    console.log('alone');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const firstLine = once(createInterface(child.stdout), 'line').then(([line]: unknown[]) => line);
  return Object.assign(child, { firstLine });
}

function copyOfScripts(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'framewell-setup-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(ROOT, 'scripts'), join(folder, 'scripts'), { recursive: true });
  return folder;
}

test('a set-up waits until the one before it is gone, even when that was killed', async (t) => {
  const folder = copyOfScripts(t);
  const first = startExclusive(folder);
  assert.equal(await first.firstLine, 'alone');

  const second = startExclusive(folder);
  assert.equal(await second.firstLine, 'setup: waiting for another setup of this folder to end');

  const third = startExclusive(copyOfScripts(t));
  assert.equal(await third.firstLine, 'alone', 'another folder is not held up');

  first.kill('SIGKILL');
  const [line] = (await once(createInterface(second.stdout!), 'line')) as unknown[];
  assert.equal(line, 'alone');

  for (const child of [second, third]) {
    child.stdin?.end();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  }
});

test('an unknown step is named with those that exist', () => {
  const args = [join(ROOT, 'scripts/setup.mjs'), '--only=packages,nodes'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stderr, 'setup: Expected packages, npm, native, typescript for --only but received nodes.\n');
});

test('the lock file names no host, so that any mirror of the registry serves it', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; integrity?: string }>;
  };
  const dependencies = Object.entries(packages).filter(([path]) => path !== '');
  assert.ok(dependencies.length > 0);
  for (const [path, { resolved, integrity }] of dependencies) {
    assert.equal(resolved, undefined, path);
    assert.match(integrity ?? '', /^sha512-/, path);
  }
});
