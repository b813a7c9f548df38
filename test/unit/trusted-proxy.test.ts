import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { startTestApp } from '../support/test-app.js';

const TOKEN = 'token-of-who-sees-every';
const API_TOKENS = `anna:viewer:*:${TOKEN}`;
const PROXY = '192.0.2.80';
const MOST_FAILURES = 20;

type Headers = Readonly<Record<string, string>>;

async function start(t: TestContext) {
  const { app } = await startTestApp(t, { apiTokens: API_TOKENS, trustProxy: ['192.0.2.80/31'] });
  const logIn = (token: string, remoteAddress: string, headers: Headers) =>
    app.inject({ method: 'POST', url: '/session', payload: { token }, remoteAddress, headers });
  return { app, logIn };
}

describe('the cookie of a login', () => {
  for (const [title, remoteAddress, scheme, isSecure] of [
    ['over TLS to a trusted proxy goes nowhere else', PROXY, 'https', true],
    ['over TLS to another trusted proxy goes nowhere else', '192.0.2.81', 'https', true],
    ['over HTTP to a trusted proxy', PROXY, 'http', false],
    ['of who only says that it is over TLS', '192.0.2.7', 'https', false],
  ] as const) {
    test(title, async (t) => {
      const { logIn } = await start(t);
      const { statusCode, headers } = await logIn(TOKEN, remoteAddress, { 'x-forwarded-proto': scheme });
      assert.equal(statusCode, 200);
      assert.equal(String(headers['set-cookie']).includes('; Secure'), isSecure);
    });
  }
});

describe('failed logins', () => {
  test('through a trusted proxy are counted for each client', async (t) => {
    const { logIn } = await start(t);
    const wrong = (client: string) => logIn('not-the-right-token', PROXY, { 'x-forwarded-for': client });
    for (let failure = 0; failure < MOST_FAILURES; failure++) {
      assert.equal((await wrong('198.51.100.1')).statusCode, 401);
    }
    assert.equal((await wrong('198.51.100.1')).statusCode, 429);
    assert.equal((await wrong('198.51.100.2')).statusCode, 401);
  });

  test('are counted for the proxy that is not trusted, whomever it names', async (t) => {
    const { logIn } = await start(t);
    const wrong = (client: string) => logIn('not-the-right-token', '192.0.2.7', { 'x-forwarded-for': client });
    for (let failure = 0; failure < MOST_FAILURES; failure++) {
      assert.equal((await wrong(`198.51.100.${failure}`)).statusCode, 401);
    }
    assert.equal((await wrong('198.51.100.99')).statusCode, 429);
  });

  test('from one home network of IPv6 are those of one client', async (t) => {
    const { logIn } = await start(t);
    for (let failure = 0; failure < MOST_FAILURES; failure++) {
      assert.equal((await logIn('not-the-right-token', `2001:db8:0:1::${failure}`, {})).statusCode, 401);
    }
    assert.equal((await logIn('not-the-right-token', '2001:db8:0:1:ffff::1', {})).statusCode, 429);
    assert.equal((await logIn('not-the-right-token', '2001:db8:0:2::1', {})).statusCode, 401);
  });
});

test("a page's own origin is the one that the proxy was asked for", async (t) => {
  const { app, logIn } = await start(t);
  const [cookie] = (await logIn(TOKEN, PROXY, {})).cookies;
  const sign = (remoteAddress: string, origin: string) =>
    app.inject({
      method: 'POST',
      url: '/sign',
      payload: { path: '/mosaic.jpg' },
      remoteAddress,
      headers: {
        host: '10.0.0.5:3000',
        'x-forwarded-host': 'cameras.example',
        origin,
        cookie: `${cookie!.name}=${cookie!.value}`,
      },
    });
  assert.equal((await sign(PROXY, 'https://cameras.example')).statusCode, 200);
  assert.equal((await sign(PROXY, 'https://other.example')).statusCode, 403);
  assert.equal((await sign('192.0.2.7', 'https://cameras.example')).statusCode, 403);
});
