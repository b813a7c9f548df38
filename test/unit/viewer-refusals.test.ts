import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { startTestApp } from '../support/test-app.js';
import { startWatchedApp } from '../support/watched-app.js';

for (const { path, protocol, status, message } of [
  { path: '/stream?cameras=front,nowhere', protocol: 'framewell.v1', status: 404, message: /nowhere/ },
  {
    path: '/stream?cameras=front',
    protocol: undefined,
    status: 400,
    message: /Expected framewell.v1 for .* but .* none/,
  },
  { path: '/stream', protocol: 'framewell.v9', status: 400, message: /framewell.v9/ },
  { path: '/stream?fps=0', protocol: 'framewell.v1', status: 400, message: /Expected number 0.1-120 for fps/ },
  { path: `/stream?cameras=${Array(257).fill('front').join()}`, protocol: 'framewell.v1', status: 400, message: /256/ },
]) {
  test(`${path.slice(0, 40)} with ${protocol ?? 'no subprotocol'} is answered ${status} instead of an upgrade`, async (t) => {
    const { origin } = await startWatchedApp(t);
    const socket = new WebSocket(origin.replace('http', 'ws') + path, protocol === undefined ? [] : [protocol]);
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, status);
    const [body] = await once(response, 'data');
    assert.match(JSON.parse(String(body)).message, message);
    socket.on('error', () => undefined).terminate();
  });
}

test('/stream without an upgrade is told so', async (t) => {
  const { app } = await startTestApp(t);
  const answer = await app.inject('/stream?cameras=front');
  assert.equal(answer.statusCode, 426);
  assert.equal(answer.headers.upgrade, 'websocket');
});

for (const { what, path = '/cameras/front/stream', protocol = [], message, code, reason } of [
  {
    what: 'a plain viewer that is not understood',
    message: '{"type":"limit","fps":0}',
    code: 1008,
    reason: /^Expected number/,
  },
  {
    what: 'a plain viewer that subscribes',
    message: '{"type":"subscribe","camera":"yard"}',
    code: 1008,
    reason: /^Expected limit/,
  },
  {
    what: 'a plain viewer that says something long',
    message: JSON.stringify({ type: '€'.repeat(60) }),
    code: 1008,
    reason: /^Expected limit, pause, resume for type but received "€+$/,
  },
  {
    what: 'a viewer that sends bytes',
    path: '/stream',
    protocol: ['framewell.v1'],
    message: Buffer.from([1]),
    code: 1003,
    reason: /text/,
  },
  { what: 'a viewer that says too much at once', message: 'x'.repeat(1025), code: 1009, reason: /^$/ },
]) {
  test(`${what} is told why its socket is closed: ${code}`, async (t) => {
    const { origin } = await startWatchedApp(t);
    const socket = new WebSocket(origin.replace('http', 'ws') + path, protocol);
    t.after(() => socket.terminate());
    await once(socket, 'open');
    socket.send(message);
    const [closeCode, closeReason] = await once(socket, 'close');
    assert.equal(closeCode, code);
    assert.match(String(closeReason), reason);
  });
}

test('a viewer that says ever more is dropped', async (t) => {
  const { watch } = await startWatchedApp(t);
  const viewer = await watch('/stream');
  const closed = once(viewer.socket, 'close');
  for (let i = 0; i < 5000; i++) viewer.say({ type: 'pause' });
  assert.equal((await closed)[0], 1008);
});

test('a viewer that does not read its answers is dropped, and they take no memory', async (t) => {
  const testApp = await startWatchedApp(t);
  const viewer = await testApp.watch('/stream?cameras=front');
  const [served] = [...testApp.app.websocketServer.clients];
  viewer.socket.pause();
  // Pictures fill the buffers on the way.
  testApp.encoder.padding = 32 * 1024 * 1024;
  testApp.streams.front!.receiveFrame(1);
  while (served!.bufferedAmount === 0) await turn();
  for (let i = 0; served!.readyState === served!.OPEN && i < 100_000; i++) {
    testApp.streams.front!.become({ name: i % 2 ? 'live' : 'idle', sinceMs: 0 });
  }
  assert.notEqual(served!.readyState, served!.OPEN);
  assert.ok(served!.bufferedAmount < testApp.encoder.padding + 1024 * 1024);
  served!.terminate();
});
