import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readAccessRules } from '../../services/access-settings.js';
import type { AccessRules } from '../../services/access/access-rules.js';
import { ConfigError, loadConfig } from '../../services/config.js';

const TOKEN = 'token-of-16-letters-or-more';
const ANNA = `anna:admin:*:${TOKEN}`;
const OPEN = { HOST: '0.0.0.0' };
const NEEDS_TOKENS =
  'HOST=0.0.0.0 opens the cameras to others: set API_TOKENS, or ALLOW_ANONYMOUS=true if everybody may see them';

function rulesOf(environment: Record<string, string>): AccessRules {
  return readAccessRules(loadConfig(environment));
}

function problemOf(environment: Record<string, string>): string {
  try {
    rulesOf(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.ok(!error.message.includes(TOKEN));
    return error.message;
  }
  return 'none';
}

const starts: [title: string, environment: Record<string, string>, anonymous: AccessRules['anonymous']][] = [
  ['nothing set', {}, 'thisMachine'],
  ['another loopback address', { HOST: '127.8.8.8' }, 'thisMachine'],
  ['loopback of IPv6', { HOST: '::1' }, 'thisMachine'],
  ['loopback with an administrator', { ADMIN_TOKEN: TOKEN }, 'thisMachine'],
  ['loopback with tokens', { API_TOKENS: ANNA }, 'nobody'],
  ['every network with tokens', { ...OPEN, API_TOKENS: ANNA }, 'nobody'],
  ['every network with an administrator', { ...OPEN, ADMIN_TOKEN: TOKEN }, 'nobody'],
  ['every network, said to be right', { ...OPEN, ALLOW_ANONYMOUS: 'true' }, 'everybody'],
  ['tokens and anonymous viewers', { ...OPEN, API_TOKENS: ANNA, ALLOW_ANONYMOUS: 'true' }, 'everybody'],
];
for (const [title, environment, anonymous] of starts) {
  test(`${title}: anonymous is ${anonymous}`, () => assert.equal(rulesOf(environment).anonymous, anonymous));
}

for (const host of ['0.0.0.0', '::', '192.168.1.2', 'nvr.example.test', '127.example.test']) {
  test(`HOST=${host} without tokens is no start`, () => {
    assert.equal(problemOf({ HOST: host }), NEEDS_TOKENS.replace('0.0.0.0', host));
  });
}

describe('a file of tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'framewell-tokens-'));
  const path = join(folder, 'tokens');
  const withFile = (text: string, environment: Record<string, string> = {}) => {
    writeFileSync(path, text);
    return { ...environment, API_TOKENS_FILE: path };
  };
  test.after(() => rmSync(folder, { recursive: true }));

  test('adds to those of API_TOKENS', () => {
    const { tokens } = rulesOf(withFile(`# the hall\nhall:viewer:front:${TOKEN}2\n`, { API_TOKENS: ANNA }));
    assert.equal(tokens.findByToken(TOKEN)?.name, 'anna');
    assert.equal(tokens.findByToken(`${TOKEN}2`)?.name, 'hall');
  });

  test('that cannot be read is named', () => {
    const problem = problemOf({ API_TOKENS_FILE: join(folder, 'absent') });
    assert.equal(problem, 'Expected a file that can be read for API_TOKENS_FILE but received ENOENT');
  });

  test('with another line is named, and the line is not shown', () => {
    assert.match(problemOf(withFile(`anna ${TOKEN}`)), /^Expected name:role.* in the file of API_TOKENS_FILE$/);
  });

  const twice: [title: string, lines: string, environment: Record<string, string>][] = [
    ['there and in API_TOKENS', ANNA, { API_TOKENS: ANNA }],
    ['there, where ADMIN_TOKEN has it', `admin:viewer:*:${TOKEN}`, { ADMIN_TOKEN: `${TOKEN}2` }],
  ];
  for (const [title, lines, environment] of twice) {
    test(`a name ${title} is refused`, () => {
      assert.match(problemOf(withFile(lines, environment)), /^Expected one token for each name but received /);
    });
  }
});
