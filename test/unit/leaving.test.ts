import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../support/leaving-program.js', import.meta.url));

function start(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return { child, output, ended, ready: once(child.stdout, 'data') };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} closes and exits with 0`, async () => {
    const { child, output, ended, ready } = start('closes');
    await ready;
    child.kill(signal);
    assert.deepEqual(await ended, { code: 0, signal: null });
    assert.match(output.stdout, /closed/);
    assert.match(output.stderr, new RegExp(`"signal":"${signal}","msg":"Leaving"`));
  });
}

test('a second signal exits at once', async () => {
  const { child, ended, ready } = start('hangs');
  await ready;
  child.kill('SIGTERM');
  await once(child.stderr, 'data');
  const begin = performance.now();
  child.kill('SIGINT');
  assert.deepEqual(await ended, { code: 130, signal: null });
  assert.ok(performance.now() - begin < 2000);
});

test('a close that takes too long is cut off, within 3 s', async () => {
  const { child, output, ended, ready } = start('hangs');
  await ready;
  const begin = performance.now();
  child.kill('SIGTERM');
  assert.deepEqual(await ended, { code: 1, signal: null });
  const tookMs = performance.now() - begin;
  assert.ok(tookMs > 2000 && tookMs < 3000, `took ${tookMs} ms`);
  assert.match(output.stderr, /Closing took too long/);
});

test('a close that fails is told and exits with 1', async () => {
  const { child, output, ended, ready } = start('fails');
  await ready;
  child.kill('SIGTERM');
  assert.deepEqual(await ended, { code: 1, signal: null });
  assert.match(output.stderr, /"msg":"Closing failed"/);
});

for (const [fault, words] of [
  ['throws', /nobody catches this/],
  ['rejects', /nobody handles this/],
] as const) {
  test(`what ${fault} without a handler is logged, closes and exits with 1`, async () => {
    const { output, ended } = start('closes', fault);
    assert.deepEqual(await ended, { code: 1, signal: null });
    assert.match(output.stdout, /closed/);
    assert.match(output.stderr, /"level":60/);
    assert.match(output.stderr, words);
  });
}
