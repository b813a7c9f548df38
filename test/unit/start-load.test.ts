import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** Prints the paths of the CommonJS modules that are loaded once the app is. */
const PROGRAM = `
import { createRequire } from 'node:module';
const app = process.argv[1];
await import(app);
console.log(Object.keys(createRequire(app).cache).join('\\n'));
`;

test('what only some requests need is not loaded before the first of them', async () => {
  const app = new URL('../../app.js', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM, app]);
  const isLoaded = (name: string) => stdout.includes(`/node_modules/${name}/`);
  assert.ok(isLoaded('fastify'));
  assert.deepEqual(['sharp', 'prom-client', '@fastify/fast-json-stringify-compiler', 'mp4box'].filter(isLoaded), []);
});
