import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { parseAccessTokens } from '../../services/access/access-tokens.js';
import { projectRoot } from '../../services/project-root.js';
import { FramewellServer } from '../support/framewell-server.js';

const text = readFileSync(join(projectRoot, 'docs/deployment.md'), 'utf8');

/** The first match's first group. */
function find(pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  assert.ok(found, `Expected ${String(pattern)} in docs/deployment.md`);
  return found;
}

test('the tokens of docs/deployment.md are tokens, and its command signs a URL that opens the picture', async () => {
  const entries = find(/^API_TOKENS=(.*)$/m);
  const names = parseAccessTokens(entries)?.map(({ name, role }) => `${name}: ${role}`);
  assert.deepEqual(names, ['anna: admin', 'hall: viewer']);
  const TOKEN = entries.split(',')[0]!.split(':').at(-1)!;

  const server = await FramewellServer.start({ cameras: [], environment: { API_TOKENS: entries }, secrets: [TOKEN] });
  try {
    const command = find(/`(curl [^`]*\/sign)`/)
      .replace('http://127.0.0.1:3000', server.origin)
      .replace('front-door', 'demo');
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} -sS`], { env: { ...process.env, TOKEN } });
    const { url } = JSON.parse(stdout) as { url: string };
    const picture = await server.get(url);
    assert.equal(picture.headers.get('content-type'), 'image/jpeg');
    assert.equal((await server.get(url.split('?')[0]!)).status, 401);
  } finally {
    await server.stop();
  }
});
