import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { parseAccessTokens } from '../../services/access/access-tokens.js';
import { signUrl } from '../../services/access/signed-url.js';
import { decodeJpeg } from '../support/picture.js';
import { startTestApp } from '../support/test-app.js';
import { FramewellViewer } from '../support/viewer.js';

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

async function watch(t: TestContext, path: string, headers: Record<string, string>): Promise<FramewellViewer> {
  const { app } = await start(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const viewer = await FramewellViewer.open(`http://127.0.0.1:${port}`, path, { headers });
  t.after(() => viewer.close());
  return viewer;
}

test('on a socket a camera that the caller may not see is none', async (t) => {
  const viewer = await watch(t, '/stream', bearer(ONE));
  const refusals = [];
  for (const camera of ['yard', 'none']) {
    const refusal = await viewer.ask({ type: 'subscribe', camera });
    refusals.push(JSON.stringify(refusal).replaceAll(camera, '<id>'));
  }
  assert.equal(refusals[0], refusals[1]);
  assert.match(refusals[0]!, /ERR_CAMERA_NOT_FOUND/);
  const { type, id } = await viewer.ask({ type: 'subscribe', camera: 'front' });
  assert.deepEqual({ type, id: id as unknown }, { type: 'camera', id: 'front' });
});

test('a signed socket shows what was signed, whatever else its signer may see', async (t) => {
  for (const path of ['/cameras/front/stream', '/stream?cameras=front']) {
    const viewer = await watch(t, signUrl(path, all!, Date.now() + 60_000), {});
    assert.equal((await viewer.ask({ type: 'subscribe', camera: 'yard' })).code, 'ERR_CAMERA_NOT_FOUND', path);
    assert.equal((await viewer.ask({ type: 'subscribe', camera: 'front' })).type, 'camera', path);
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
