import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SESSION_COOKIE } from '../../services/access/session-cookie.js';
import { startTestApp, type TestAppOptions } from '../support/test-app.js';

const TOKEN = 'token-of-who-sees-every';
const API_TOKENS = `anna:viewer:*:${TOKEN}`;
const MOST_FAILURES = 20;

async function start(t: TestContext, options: TestAppOptions = { apiTokens: API_TOKENS }) {
  const { app, lines } = await startTestApp(t, options);
  const logIn = (token: string, remoteAddress = '192.0.2.1') =>
    app.inject({ method: 'POST', url: '/session', payload: { token }, remoteAddress });
  const list = (headers: Record<string, string>, remoteAddress = '192.0.2.1') =>
    app.inject({ url: '/cameras', headers, remoteAddress });
  return { app, lines, logIn, list };
}

test('a login gives a cookie that opens the API and that no script reads', async (t) => {
  const { app, logIn, list, lines } = await start(t);
  const answer = await logIn(TOKEN);
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.json(), { name: 'anna', role: 'viewer' });
  const cookie = answer.cookies[0]!;
  assert.deepEqual(
    { ...cookie, value: '' },
    { name: SESSION_COOKIE, value: '', maxAge: 2_592_000, path: '/', httpOnly: true, sameSite: 'Strict' },
  );
  assert.ok(!`${answer.body}${JSON.stringify(answer.headers)}${JSON.stringify(lines)}`.includes(TOKEN));

  const session = { cookie: `${SESSION_COOKIE}=${cookie.value}` };
  assert.equal((await list(session)).statusCode, 200);
  assert.deepEqual((await app.inject({ url: '/session', headers: session })).json(), { name: 'anna', role: 'viewer' });
});

test('a logout takes the cookie away', async (t) => {
  const { app } = await start(t);
  const answer = await app.inject({ method: 'DELETE', url: '/session' });
  assert.equal(answer.statusCode, 204);
  const cookie = `${SESSION_COOKIE}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict`;
  assert.equal(answer.headers['set-cookie'], cookie);
});

const logins: [title: string, authorization: string, status: number][] = [
  ['a bearer token', `Bearer ${TOKEN}`, 200],
  ['the scheme in another case', `bEARER  ${TOKEN}`, 200],
  ['Basic with the token as password', `Basic ${Buffer.from(`whoever:${TOKEN}`).toString('base64')}`, 200],
  ['Basic with the token as user', `Basic ${Buffer.from(`${TOKEN}:`).toString('base64')}`, 401],
  ['Basic that is no base64', 'Basic %%%', 401],
  ['another scheme', `Digest ${TOKEN}`, 401],
  ['no scheme', TOKEN, 401],
  ['nothing', '', 401],
];
for (const [title, authorization, status] of logins) {
  test(`${title} is answered ${status}`, async (t) => {
    const { list } = await start(t);
    assert.equal((await list({ authorization })).statusCode, status);
  });
}

test('a passphrase with blanks and colons is a token as any other', async (t) => {
  const adminToken = 'correct horse: battery staple';
  const { list } = await start(t, { adminToken, host: '0.0.0.0' });
  const basic = Buffer.from(`whoever:${adminToken}`).toString('base64');
  for (const authorization of [`Bearer ${adminToken}`, `Basic ${basic}`]) {
    assert.equal((await list({ authorization })).statusCode, 200, authorization);
  }
});

test('who is known but may not is no failed login', async (t) => {
  const { app } = await start(t);
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (let request = 0; request < 2 * MOST_FAILURES; request++) {
    const answer = await app.inject({ method: 'POST', url: '/cameras/front/retry', headers });
    assert.equal(answer.statusCode, 403);
  }
});

test('failed logins of one address are limited, whatever way they take', async (t) => {
  const { list, logIn } = await start(t);
  const wrong = { authorization: 'Bearer not-the-right-token' };
  for (let failure = 0; failure < MOST_FAILURES; failure++) {
    const answer = failure % 2 === 0 ? await list(wrong) : await logIn('not-the-right-token');
    assert.equal(answer.statusCode, 401);
  }
  for (const answer of [await list(wrong), await logIn('not-the-right-token')]) {
    assert.equal(answer.statusCode, 429);
    assert.equal(answer.json().code, 'ERR_TOO_MANY_REQUESTS');
    const seconds = Number(answer.headers['retry-after']);
    assert.ok(seconds >= 1 && seconds <= 60, `Retry-After ${seconds}`);
  }
  assert.equal((await list(wrong, '192.0.2.2')).statusCode, 401, 'another address');
  assert.equal((await list({ authorization: `Bearer ${TOKEN}` })).statusCode, 200, 'a right token');
  assert.equal((await list({})).statusCode, 401, 'who did not try to log in');
});
