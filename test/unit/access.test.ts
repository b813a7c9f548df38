import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { parseAccessTokens, type AccessToken } from '../../services/access/access-tokens.js';
import { maySee } from '../../services/access/principal.js';
import { issueSession, readSession, SESSION_SECONDS } from '../../services/access/session-cookie.js';
import { readSignedUrl, signUrl } from '../../services/access/signed-url.js';
import { TokenBook } from '../../services/access/token-book.js';

const NOW = 1_800_000_000_000;
const HALL = 'hall-token-of-24-letters';
const ANNA = 'anna-token/of+24=letters';

function tokens(text: string): readonly AccessToken[] {
  const parsed = parseAccessTokens(text);
  assert.ok(parsed, `Expected ${text} to be right`);
  return parsed;
}

const [hall, anna] = tokens(`hall:viewer:front+yard:${HALL}, anna:admin:*:${ANNA}`) as [AccessToken, AccessToken];
const book = new TokenBook([hall, anna]);

test('tokens: role, cameras, and nothing that prints the token', () => {
  assert.equal(hall.role, 'viewer');
  assert.ok(maySee(hall, 'yard') && !maySee(hall, 'cellar'));
  assert.ok(anna.role === 'admin' && maySee(anna, 'cellar'));
  assert.ok(!`${inspect(hall, { depth: 9 })}${JSON.stringify(hall)}`.includes('hall-token'));
});

test('tokens: lines, comments and blanks, as a file has them', () => {
  const parsed = tokens(`# the hall\n hall:viewer:*:${HALL} \n\nanna:admin:*:${ANNA}\n`);
  assert.deepEqual(
    parsed.map(({ name }) => name),
    ['hall', 'anna'],
  );
});

for (const [what, text] of Object.entries({
  'a short token': 'a:viewer:*:too-short',
  'the name of those who have none': `anonymous:viewer:*:${HALL}`,
  'an unknown role': `a:owner:*:${HALL}`,
  'a camera id that none can be': `a:viewer:fr ont:${HALL}`,
  'no cameras': `a:viewer::${HALL}`,
  'a missing part': `a:viewer:${HALL}`,
  'a token with a colon': `a:viewer:*:${HALL}:more`,
  'a name twice': `a:viewer:*:${HALL},a:viewer:*:${ANNA}`,
  'an administrator of some cameras': `a:admin:front:${HALL}`,
})) {
  test(`tokens: ${what} is refused`, () => assert.equal(parseAccessTokens(text), undefined));
}

test('a token is found by itself and by nothing like it', () => {
  assert.equal(book.findByToken(HALL), hall);
  assert.equal(book.findByToken(`${HALL} `), undefined);
  assert.equal(book.findByToken(''), undefined);
});

test('a session is whose it was issued for, until it expires or the token changes', () => {
  const cookie = issueSession(hall, NOW);
  const login = readSession(cookie, book, NOW);
  assert.equal(login?.user, hall);
  assert.equal(login.expiresAtMs, NOW + SESSION_SECONDS * 1000);
  assert.equal(readSession(cookie, book, NOW + SESSION_SECONDS * 1000), undefined);
  const changed = new TokenBook(tokens(`hall:viewer:*:${ANNA}`));
  assert.equal(readSession(cookie, changed, NOW), undefined);
  assert.equal(readSession(cookie, new TokenBook([anna]), NOW), undefined);
});

test('a session cannot be altered', () => {
  const cookie = issueSession(hall, NOW);
  const [name, id, expires, seal] = cookie.split('.') as [string, string, string, string];
  for (const forged of [
    `anna.${id}.${expires}.${seal}`,
    `${name}.${id.toLowerCase()}x.${expires}.${seal}`,
    `${name}.${id}.${Number(expires) + 1}.${seal}`,
    `${name}.${id}.${expires}.${seal.slice(0, -2)}`,
    `${name}.${id}.${expires}.`,
    `${name}.${expires}.${seal}`,
    '',
    '..',
    cookie.repeat(3),
  ]) {
    assert.equal(readSession(forged, book, NOW), undefined, forged);
  }
});

test('a signed URL opens what was signed and nothing else', () => {
  const signed = signUrl('/cameras/front/snapshot.jpg?width=320&quality=70', hall, NOW + 60_000);
  assert.deepEqual(readSignedUrl(signed, book, NOW), { signer: hall, expiresAtMs: NOW + 60_000 });
  assert.equal(readSignedUrl(signed, book, NOW + 60_000), undefined);
  const [path, query] = signed.split('?') as [string, string];
  assert.equal(readSignedUrl(`${path}?${query.split('&').reverse().join('&')}`, book, NOW)?.signer, hall);
  for (const altered of [
    signed.replace('front', 'cellar'),
    signed.replace('width=320', 'width=1920'),
    `${signed}&crop=0,0,1,1`,
    signed.replace(/expires=\d+/, 'expires=9999999999'),
    `${signed}&expires=9999999999`,
    signed.replace('signer=hall', 'signer=anna'),
    signed.replace(/&signature=[^&]+/, ''),
    '//[',
    '?',
    '',
  ]) {
    assert.equal(readSignedUrl(altered, book, NOW), undefined, altered);
  }
});

test('a seal for a session is none for a URL', () => {
  const seal = issueSession(hall, NOW).split('.')[3]!;
  assert.ok(!signUrl('/cameras/front/snapshot.jpg', hall, NOW + SESSION_SECONDS * 1000).includes(seal));
});
