import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { parseAccessTokens } from '../../services/access/access-tokens.js';
import { issueSession, SESSION_COOKIE } from '../../services/access/session-cookie.js';
import { signUrl } from '../../services/access/signed-url.js';
import { startTestApp, type TestAppOptions } from '../support/test-app.js';

const TOKEN = 'token-of-who-sees-every';
const API_TOKENS = `anna:viewer:*:${TOKEN}`;
const anna = parseAccessTokens(API_TOKENS)![0]!;
const PATH = '/cameras/front/stream';
const signed = signUrl(PATH, anna, Date.now() + 60_000);

/** The status that an upgrade is answered with. `origin` may name the server's own by OWN. */
async function upgrade(
  t: TestContext,
  options: TestAppOptions,
  { path = PATH, ...headers }: Record<string, string>,
): Promise<number> {
  const { app } = await startTestApp(t, options);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const own = `127.0.0.1:${port}`;
  const filled = Object.entries(headers).map(([name, value]) => [name, value.replace('OWN', own)]);
  const socket = new WebSocket(`ws://${own}${path}`, { headers: Object.fromEntries(filled) as Record<string, string> });
  t.after(() => socket.terminate());
  // What follows a refusal says the same again.
  socket.on('error', () => undefined);
  return Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, answer]) => (answer as IncomingMessage).statusCode!),
  ]);
}

const tokens = { apiTokens: API_TOKENS };
const cookie = `${SESSION_COOKIE}=${issueSession(anna, Date.now())}`;
const other = 'https://other.example';

const upgrades: [title: string, options: TestAppOptions, request: Record<string, string>, status: number][] = [
  ['without a login', tokens, {}, 401],
  ['with a token', tokens, { authorization: `Bearer ${TOKEN}` }, 101],
  ['with a token, from a page that knows it', tokens, { authorization: `Bearer ${TOKEN}`, origin: other }, 101],
  ['with Basic', tokens, { authorization: `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}` }, 101],
  ['with a wrong token', tokens, { authorization: `Bearer ${TOKEN}x` }, 401],
  ['with a wrong token and a right cookie', tokens, { authorization: `Bearer ${TOKEN}x`, cookie }, 401],
  ['by a signed URL', tokens, { path: signed }, 101],
  ['by a signed URL, from a page that was given it', tokens, { path: signed, origin: other }, 101],
  ['by a URL that was altered', tokens, { path: signed.replace('front', 'yard') }, 401],
  ['logged in', tokens, { cookie }, 101],
  ['logged in, from our own page', tokens, { cookie, origin: 'http://OWN' }, 101],
  ['logged in, from another page', tokens, { cookie, origin: other }, 403],
  ['logged in, from a page on another port', tokens, { cookie, origin: 'http://127.0.0.1:1' }, 403],
  ['logged in, from a file', tokens, { cookie, origin: 'null' }, 403],
  ['logged in, from a page that is allowed', { ...tokens, allowedOrigins: [other] }, { cookie, origin: other }, 101],
  ['of anybody on this machine', {}, {}, 101],
  ['of anybody on this machine, from our own page', {}, { origin: 'http://OWN' }, 101],
  ['of anybody on this machine, from another page', {}, { origin: other }, 403],
  ['of anybody anywhere, from another page', { allowAnonymous: true }, { origin: other }, 403],
];
describe('an upgrade', () => {
  for (const [title, options, request, status] of upgrades) {
    test(`${title} is answered ${status}`, async (t) => assert.equal(await upgrade(t, options, request), status));
  }
});

describe('a page of another site', () => {
  const write = { method: 'DELETE', url: '/session', headers: { origin: other, cookie } } as const;

  test('is not told that it may read answers', async (t) => {
    const { app } = await startTestApp(t, tokens);
    const answer = await app.inject({ url: '/cameras', headers: { origin: other, cookie } });
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  });

  test('cannot have anything signed by who is logged in', async (t) => {
    const { app } = await startTestApp(t, tokens);
    const answer = await app.inject({ ...write, method: 'POST', url: '/sign', payload: { path: PATH } });
    assert.equal(answer.statusCode, 403);
    assert.equal(answer.json().code, 'ERR_ORIGIN_NOT_ALLOWED');
  });

  test('may read where it is allowed, without the cookie', async (t) => {
    const { app } = await startTestApp(t, { ...tokens, allowedOrigins: [other] });
    const { headers } = await app.inject({ url: '/cameras', headers: { origin: other, cookie } });
    assert.equal(headers['access-control-allow-origin'], other);
    assert.equal(headers['access-control-allow-credentials'], undefined);
  });
});

describe('without tokens, whoever asks by the name', () => {
  for (const [host, status] of Object.entries({
    localhost: 200,
    'localhost:3000': 200,
    'cameras.localhost': 200,
    '127.0.0.1:3000': 200,
    '[::1]:3000': 200,
    '192.168.1.2': 200,
    'rebound.example': 403,
    'rebound.example:3000': 403,
    'localhost.example': 403,
    '127.0.0.1.example': 403,
  })) {
    test(`${JSON.stringify(host)} is answered ${status}`, async (t) => {
      const { app } = await startTestApp(t);
      const answer = await app.inject({ url: '/cameras', headers: { host } });
      assert.equal(answer.statusCode, status, answer.body);
      if (status !== 200) assert.equal(answer.json().code, 'ERR_HOST_NOT_ALLOWED');
    });
  }

  test('of another site is served with tokens, or where everybody may look', async (t) => {
    const authorization = `Bearer ${TOKEN}`;
    const cases: [TestAppOptions, Record<string, string>][] = [
      [tokens, { authorization }],
      [{ allowAnonymous: true }, {}],
    ];
    for (const [options, headers] of cases) {
      const { app } = await startTestApp(t, options);
      const answer = await app.inject({ url: '/cameras', headers: { host: 'cameras.example', ...headers } });
      assert.equal(answer.statusCode, 200);
    }
  });
});
