import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { parseAccessTokens } from '../../services/access/access-tokens.js';
import { signUrl } from '../../services/access/signed-url.js';
import { decodeJpeg } from '../support/picture.js';
import { startTestApp } from '../support/test-app.js';

const ONE = 'token-of-who-sees-front';
const ALL = 'token-of-who-sees-every';
const API_TOKENS = `one:viewer:front:${ONE}, all:viewer:*:${ALL}`;
const [one, all] = parseAccessTokens(API_TOKENS)!;

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function start(t: TestContext) {
  const testApp = await startTestApp(t, { apiTokens: API_TOKENS });
  const read = (url: string, token: string) => testApp.app.inject({ url, headers: bearer(token) });
  return { ...testApp, read };
}

/** The texts that a socket receives, read one by one. */
class Texts {
  readonly #texts: AsyncIterator<[Buffer, boolean]>;

  constructor(socket: WebSocket) {
    this.#texts = on(socket, 'message') as AsyncIterator<[Buffer, boolean]>;
  }

  async next(): Promise<Record<string, unknown>> {
    for (;;) {
      const { value } = (await this.#texts.next()) as { value: [Buffer, boolean] };
      if (!value[1]) return JSON.parse(value[0].toString()) as Record<string, unknown>;
    }
  }
}

test('the list has the cameras that the caller may see', async (t) => {
  const { read } = await start(t);
  const ids = async (token: string) => {
    const { cameras } = (await read('/cameras', token)).json<{ cameras: { id: string }[] }>();
    return cameras.map(({ id }) => id);
  };
  assert.deepEqual(await ids(ONE), ['front']);
  assert.deepEqual(await ids(ALL), ['front', 'yard']);
});

test('the contact sheet of all cameras is of those that the caller may see', async (t) => {
  const { read, streams } = await start(t);
  for (const stream of Object.values(streams)) stream.goDown();
  const heightFor = async (token: string) => {
    const { rawPayload } = await read('/mosaic.jpg?width=640&columns=1', token);
    return (await decodeJpeg(rawPayload)).height;
  };
  assert.equal(await heightFor(ONE), 360);
  assert.equal(await heightFor(ALL), 2 * 360 + 4);
});

test('the metrics have labels of the cameras that the caller may see', async (t) => {
  const { read } = await start(t);
  const labels = async (token: string) => {
    const { body } = await read('/metrics', token);
    return [...new Set([...body.matchAll(/camera="([^"]*)"/g)].map(([, id]) => id))];
  };
  assert.deepEqual(await labels(ONE), ['front']);
  assert.deepEqual(await labels(ALL), ['front', 'yard']);
});

test('the events are of cameras that the caller may see', async (t) => {
  const { app, streams } = await start(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const { body } = await fetch(`http://127.0.0.1:${port}/events`, { headers: bearer(ONE) });
  streams.yard!.goDown();
  streams.front!.goDown();
  let text = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes('"camera"')) break;
  }
  assert.match(text, /event: down\ndata: \{"camera":"front"/);
  assert.doesNotMatch(text, /yard/);
});

async function watch(t: TestContext, path: string, headers: Record<string, string>) {
  const testApp = await start(t);
  await testApp.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = testApp.app.server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'framewell.v1', { headers });
  t.after(() => socket.terminate());
  const texts = new Texts(socket);
  await once(socket, 'open');
  return { texts, say: (message: object) => socket.send(JSON.stringify(message)) };
}

test('on a socket a camera that the caller may not see is none', async (t) => {
  const { texts, say } = await watch(t, '/stream', bearer(ONE));
  assert.equal((await texts.next()).type, 'hello');
  const refusals = [];
  for (const camera of ['yard', 'none']) {
    say({ type: 'subscribe', camera });
    refusals.push(JSON.stringify(await texts.next()).replaceAll(camera, '<id>'));
  }
  assert.equal(refusals[0], refusals[1]);
  assert.match(refusals[0]!, /ERR_CAMERA_NOT_FOUND/);
  say({ type: 'subscribe', camera: 'front' });
  const { type, id } = await texts.next();
  assert.deepEqual({ type, id }, { type: 'camera', id: 'front' });
});

test('a signed socket shows what was signed, whatever else its signer may see', async (t) => {
  for (const path of ['/cameras/front/stream', '/stream?cameras=front']) {
    const { texts, say } = await watch(t, signUrl(path, all!, Date.now() + 60_000), {});
    assert.equal((await texts.next()).type, 'hello');
    say({ type: 'subscribe', camera: 'yard' });
    assert.equal((await texts.next()).code, 'ERR_CAMERA_NOT_FOUND', path);
    say({ type: 'subscribe', camera: 'front' });
    assert.equal((await texts.next()).type, 'camera', path);
  }
});

test('a URL that somebody signs for a camera that it may not see is of no use', async (t) => {
  const { app } = await start(t);
  const answers = await Promise.all(
    ['yard', 'none'].map((id) => app.inject(signUrl(`/cameras/${id}/snapshot.jpg`, one!, Date.now() + 60_000))),
  );
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [404, 404],
  );
});
