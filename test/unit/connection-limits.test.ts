import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { PartReader } from '../support/part-reader.js';
import { startTestApp } from '../support/test-app.js';

/** More than the kernel's buffers between two sockets of one machine ever hold. */
const HUGE = 32 * 1024 * 1024;

/** In place of the two minutes that a connection may be silent. */
const SILENCE_MS = 300;

async function start(t: TestContext) {
  const testApp = await startTestApp(t);
  const { app } = testApp;
  testApp.streams.front!.receiveFrame(1);
  await app.listen({ port: 0, host: '127.0.0.1' });
  assert.equal(app.server.timeout, 120_000);
  app.server.setTimeout(SILENCE_MS);
  const { port } = app.server.address() as AddressInfo;
  const open = async (path: string) => {
    const request = get({ port, host: '127.0.0.1', path, agent: false });
    t.after(() => request.destroy());
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response.on('error', () => undefined);
  };
  return { ...testApp, port, open };
}

test('who does not read an answer is dropped', { timeout: 20_000 }, async (t) => {
  const { app, encoder, open } = await start(t);
  encoder.padding = HUGE;
  const accepted = once(app.server, 'connection') as Promise<[Socket]>;
  await open('/cameras/front/snapshot.jpg');
  const [connection] = await accepted;
  await once(connection, 'close');
});

test('a live stream outlasts the silence of its camera', { timeout: 20_000 }, async (t) => {
  const { streams, port, open } = await start(t);
  const reader = new PartReader(await open('/cameras/front/stream.mjpeg'));
  await reader.next();
  const silent = connect(port, '127.0.0.1').resume();
  await once(silent, 'close');
  streams.front!.receiveFrame(2);
  assert.equal((await reader.next())?.headers['X-Frame-Sequence'], '2');
});
