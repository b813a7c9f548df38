import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { parseAccessTokens } from '../../services/access/access-tokens.js';
import { issueSession, SESSION_COOKIE } from '../../services/access/session-cookie.js';
import { signUrl } from '../../services/access/signed-url.js';
import { startTestApp } from '../support/test-app.js';

const TOKEN = 'token-of-who-sees-every';
const API_TOKENS = `anna:viewer:*:${TOKEN}`;
const anna = parseAccessTokens(API_TOKENS)![0]!;

const SOCKETS = ['/cameras/front/stream', '/stream?cameras=front'];
const ANSWERS = ['/cameras/front/stream.mjpeg', '/events'];

type Headers = Readonly<Record<string, string>>;

async function start(t: TestContext) {
  const { app, streams } = await startTestApp(t, { apiTokens: API_TOKENS });
  streams.front!.receiveFrame(1);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;

  /** Resolves, when it is open, to the promise of how the server ends it. */
  const openSocket = async (path: string, headers: Headers) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'framewell.v1', { headers });
    t.after(() => socket.terminate());
    await once(socket, 'open');
    return { ended: once(socket, 'close').then(([code, reason]) => `${code} ${String(reason)}`) };
  };
  const openAnswer = async (path: string, headers: Headers) => {
    const asked = request({ port, host: '127.0.0.1', path, headers, agent: false }).end();
    t.after(() => asked.destroy());
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    assert.equal(answer.statusCode, 200);
    return { ended: once(answer.resume(), 'end') };
  };
  return { app, openSocket, openAnswer };
}

describe('a logout', () => {
  test('closes what is open on the login, and makes copies of its cookie worthless', async (t) => {
    const { app, openSocket, openAnswer } = await start(t);
    const cookie = `${SESSION_COOKIE}=${issueSession(anna, Date.now())}`;
    const sockets = await Promise.all(SOCKETS.map((path) => openSocket(path, { cookie })));
    const answers = await Promise.all(ANSWERS.map((path) => openAnswer(path, { cookie })));
    const logout = await app.inject({ method: 'DELETE', url: '/session', headers: { cookie } });
    assert.equal(logout.statusCode, 204);
    for (const { ended } of sockets) assert.equal(await ended, '4401 The login or the signed URL has ended');
    await Promise.all(answers.map(({ ended }) => ended));
    assert.equal((await app.inject({ url: '/cameras', headers: { cookie } })).statusCode, 401);
  });

  test('closes nothing of another browser, nor of a token', async (t) => {
    const { app, openSocket } = await start(t);
    const [cookie, other] = [0, 1].map(() => `${SESSION_COOKIE}=${issueSession(anna, Date.now())}`);
    const streams = await Promise.all([
      openSocket(SOCKETS[0]!, { cookie: other! }),
      openSocket(SOCKETS[0]!, { authorization: `Bearer ${TOKEN}` }),
    ]);
    const leaving = await openSocket(SOCKETS[0]!, { cookie: cookie! });
    await app.inject({ method: 'DELETE', url: '/session', headers: { cookie: cookie! } });
    await leaving.ended;
    const first = await Promise.race([...streams.map(({ ended }) => ended), Promise.resolve('open')]);
    assert.equal(first, 'open');
    assert.equal((await app.inject({ url: '/cameras', headers: { cookie: other! } })).statusCode, 200);
  });

  test('with a cookie that is none is answered as any other', async (t) => {
    const { app } = await start(t);
    const headers = { cookie: `${SESSION_COOKIE}=anna.x.9999999999.x` };
    assert.equal((await app.inject({ method: 'DELETE', url: '/session', headers })).statusCode, 204);
  });
});

test('a stream ends with the signed URL that it was opened by', { timeout: 20_000 }, async (t) => {
  const { openSocket, openAnswer } = await start(t);
  const sign = (path: string) => signUrl(path, anna, Date.now() + 3000);
  const socket = await openSocket(sign(SOCKETS[0]!), {});
  const answer = await openAnswer(sign(ANSWERS[0]!), {});
  assert.equal(await socket.ended, '4401 The login or the signed URL has ended');
  await answer.ended;
});
