import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import type { TestApp } from '../support/test-app.js';
import type { Shown } from '../support/viewer.js';
import { startWatchedApp } from '../support/watched-app.js';

const VIDEO = { codec: 'h264', width: 1280, height: 720, fps: 24.996, bitrateKbps: 2000 };

/** What the fake encoder made the picture of. */
function madeOf({ jpeg }: Shown): { sequence: number; width?: number; height?: number; quality?: number } {
  return JSON.parse(jpeg.toString());
}

async function untilViewers({ app }: TestApp, id: string, count: number): Promise<void> {
  while ((await app.inject(`/cameras/${id}`)).json().viewers !== count) await turn();
}

test('a viewer of one camera is told which, and each picture has its header', async (t) => {
  const { streams, watch } = await startWatchedApp(t);
  const receivedAtMs = Date.now() - 30;
  streams.front!.know({ session: { ...streams.front!.getStatus().session!, video: VIDEO } });
  streams.front!.receiveFrame(7, receivedAtMs);
  const viewer = await watch('/cameras/front/stream?width=320&quality=60');
  assert.equal(viewer.socket.protocol, 'framewell.v1');
  assert.deepEqual(viewer.hello, {
    type: 'hello',
    protocol: 'framewell.v1',
    cameras: [
      { channel: 1, id: 'front', name: 'The front', state: 'live', width: 1280, height: 720, fps: 25, sequence: 7 },
    ],
  });
  const picture = await viewer.untilShown(() => true);
  const { version, channel, rung, sequence, capturedAtMs } = picture;
  assert.deepEqual([version, channel, rung, sequence, capturedAtMs], [1, 1, 0, 7, 0]);
  assert.equal(picture.receivedAtMs, receivedAtMs);
  assert.ok(picture.ageMs >= 30 && picture.ageMs < 5000, `${picture.ageMs} ms old`);
  assert.deepEqual(madeOf(picture), { sequence: 7, quality: 60, width: 320 });
});

test('one socket shows many cameras', async (t) => {
  const { streams, watch } = await startWatchedApp(t);
  streams.front!.receiveFrame(3);
  streams.yard!.receiveFrame(5);
  const viewer = await watch('/stream?cameras=yard,front,yard&width=320');
  assert.deepEqual(
    viewer.hello.cameras.map(({ channel, id }: { channel: number; id: string }) => [channel, id]),
    [
      [1, 'yard'],
      [2, 'front'],
      [3, 'yard'],
    ],
  );
  for (const [channel, sequence] of [
    [1, 5],
    [2, 3],
    [3, 5],
  ]) {
    const picture = await viewer.untilShown((shown) => shown.channel === channel);
    assert.equal(picture.sequence, sequence);
  }
});

test('cameras are subscribed to and unsubscribed from, each time on another channel', async (t) => {
  const testApp = await startWatchedApp(t);
  const { streams, watch } = testApp;
  const viewer = await watch('/stream');
  assert.deepEqual(viewer.hello.cameras, []);
  streams.yard!.receiveFrame(1);

  const answer = await viewer.ask({ type: 'subscribe', camera: 'yard', width: 160 });
  assert.deepEqual([answer.type, answer.channel, answer.id, answer.sequence], ['camera', 1, 'yard', 1]);
  assert.equal(madeOf(await viewer.untilShown(({ channel }) => channel === 1)).width, 160);
  await untilViewers(testApp, 'yard', 1);

  viewer.say({ type: 'unsubscribe', channel: 1 });
  await untilViewers(testApp, 'yard', 0);
  assert.equal((await viewer.ask({ type: 'subscribe', camera: 'yard' })).channel, 2);
  assert.equal((await viewer.untilShown(({ channel }) => channel === 2)).sequence, 1);
  assert.equal(viewer.shown.filter(({ channel }) => channel === 1).length, 1);
});

test('what cannot be done is said, and the socket goes on', async (t) => {
  const { streams, watch } = await startWatchedApp(t);
  const viewer = await watch('/stream?cameras=front');
  for (const [message, code, camera] of [
    [{ type: 'subscribe', camera: 'nowhere' }, 'ERR_CAMERA_NOT_FOUND', 'nowhere'],
    [{ type: 'subscribe', camera: 'yard', quality: 0 }, 'ERR_BAD_PARAMETER', 'yard'],
    [{ type: 'unsubscribe', channel: 9 }, 'ERR_BAD_PARAMETER', undefined],
    [{ type: 'limit', channel: 9 }, 'ERR_BAD_PARAMETER', undefined],
    [{ type: 'sing' }, 'ERR_BAD_PARAMETER', undefined],
    [['pause'], 'ERR_BAD_PARAMETER', undefined],
  ] as const) {
    const answer = await viewer.ask(message);
    assert.deepEqual([answer.type, answer.code, answer.camera], ['error', code, camera]);
    assert.match(answer.message, /^(Expected|No camera)/);
  }
  viewer.socket.send('no JSON at all');
  streams.front!.receiveFrame(1);
  await viewer.untilShown(() => true);
});

test('limits are replaced, for one channel or for all', async (t) => {
  const { streams, watch } = await startWatchedApp(t);
  const viewer = await watch('/stream?cameras=front,yard&quality=80&width=640');
  const next = async (sequence: number) => {
    for (const stream of Object.values(streams)) stream.receiveFrame(sequence);
    const shown = [1, 2].map((channel) =>
      viewer.untilShown((picture) => picture.channel === channel && picture.sequence === sequence),
    );
    return (await Promise.all(shown)).map((picture) => madeOf(picture));
  };
  assert.deepEqual(await next(1), [
    { sequence: 1, width: 640, quality: 80 },
    { sequence: 1, width: 640, quality: 80 },
  ]);
  viewer.say({ type: 'limit', channel: 1, height: 200 });
  // Answered after what was said before it.
  await viewer.ask({ type: 'sing' });
  assert.deepEqual(await next(2), [
    { sequence: 2, height: 200 },
    { sequence: 2, width: 640, quality: 80 },
  ]);
  viewer.say({ type: 'limit', quality: 50 });
  await viewer.ask({ type: 'dance' });
  assert.deepEqual(await next(3), [
    { sequence: 3, quality: 50 },
    { sequence: 3, quality: 50 },
  ]);
});

test('a paused channel is shown nothing and costs nothing, until it goes on with the newest', async (t) => {
  const testApp = await startWatchedApp(t);
  const { streams, encoder, watch } = testApp;
  const viewer = await watch('/stream?cameras=front');
  streams.front!.receiveFrame(1);
  await viewer.untilShown(({ sequence }) => sequence === 1);
  viewer.say({ type: 'pause' });
  await untilViewers(testApp, 'front', 0);
  const encodes = encoder.encodes.length;
  for (let sequence = 2; sequence <= 9; sequence++) {
    streams.front!.receiveFrame(sequence);
    await turn();
  }
  streams.front!.goDown();
  await viewer.untilTold(({ type, state }) => type === 'camera' && state === 'backingOff');
  streams.front!.goLive();
  assert.equal(encoder.encodes.length, encodes);
  viewer.say({ type: 'resume', channel: 1 });
  await viewer.untilShown(({ sequence }) => sequence === 9);
  assert.deepEqual(
    viewer.shown.map(({ sequence }) => sequence),
    [1, 9],
  );
});

test('a rate that is asked for is kept, and the pictures are the newest', async (t) => {
  const { streams, watch } = await startWatchedApp(t);
  const viewer = await watch('/cameras/front/stream?fps=5');
  const begin = performance.now();
  let sequence = 0;
  const timer = setInterval(() => streams.front!.receiveFrame(++sequence), 10);
  t.after(() => clearInterval(timer));
  while (viewer.shown.length < 6) await once(viewer.socket, 'message');
  // Five slots of 200 ms lie between the first and the sixth, of which the first may be almost over.
  assert.ok(performance.now() - begin > 750, `Six within ${performance.now() - begin} ms`);
  for (const { ageMs } of viewer.shown) assert.ok(ageMs < 100, `${ageMs} ms old`);
});

test('what becomes of a camera is said', async (t) => {
  const { streams, watch } = await startWatchedApp(t);
  const front = streams.front!;
  const viewer = await watch('/cameras/front/stream');
  front.goDown({ code: 'ERR_STREAM_STALLED', message: 'No video for 10 s' });
  const down = await viewer.untilTold(({ state }) => state === 'backingOff');
  assert.deepEqual(down, {
    type: 'camera',
    channel: 1,
    id: 'front',
    name: 'The front',
    state: 'backingOff',
    cause: { code: 'ERR_STREAM_STALLED', message: 'No video for 10 s' },
    width: null,
    height: null,
    fps: null,
    sequence: 0,
  });
  front.goLive();
  const up = await viewer.untilTold(({ type, state }) => type === 'camera' && state === 'live');
  assert.equal(up.cause, undefined);
  // The first picture tells the size.
  front.receiveFrame(1);
  const sized = await viewer.untilTold(({ width }) => width === 1280);
  assert.deepEqual([sized.type, sized.height], ['camera', 720]);
});

test('a camera that is taken out ends its channel, and is found again when it is put in', async (t) => {
  const testApp = await startWatchedApp(t, { adminToken: 'token' });
  const { app, added, watch } = testApp;
  const headers = { authorization: 'Bearer token' };
  const payload = { id: 'gate', url: 'rtsp://camera.test/gate' };
  const putIn = () => app.inject({ method: 'POST', url: '/cameras', headers, payload });
  await putIn();
  const viewer = await watch('/stream?cameras=gate,front');

  await app.inject({ method: 'DELETE', url: '/cameras/gate', headers });
  const ended = await viewer.untilTold(({ type }) => type === 'ended');
  assert.deepEqual(ended, {
    type: 'ended',
    channel: 1,
    id: 'gate',
    code: 'ERR_CAMERA_NOT_FOUND',
    message: 'The camera was taken out',
  });
  assert.equal((await viewer.ask({ type: 'pause', channel: 1 })).code, 'ERR_BAD_PARAMETER', 'the channel is gone');
  assert.equal((await viewer.ask({ type: 'subscribe', camera: 'gate' })).code, 'ERR_CAMERA_NOT_FOUND');

  await putIn();
  assert.equal((await viewer.ask({ type: 'subscribe', camera: 'gate' })).channel, 3);
  added[1]!.receiveFrame(1);
  await viewer.untilShown(({ channel }) => channel === 3);

  // Other settings: the same camera, another stream.
  const change = { url: 'rtsp://camera.test/other-gate' };
  await app.inject({ method: 'PATCH', url: '/cameras/gate', headers, payload: change });
  const replaced = await viewer.untilTold(({ type, channel }) => type === 'ended' && channel === 3);
  assert.equal(replaced.code, 'ERR_STREAM_STOPPED');
  assert.equal((await viewer.ask({ type: 'subscribe', camera: 'gate' })).type, 'camera');
});

test('a socket has no more channels than it can have', async (t) => {
  const { watch } = await startWatchedApp(t);
  const viewer = await watch(`/stream?cameras=${Array(255).fill('front').join()}`);
  assert.equal((await viewer.ask({ type: 'subscribe', camera: 'yard' })).channel, 256);
  const refused = await viewer.ask({ type: 'subscribe', camera: 'yard' });
  assert.deepEqual([refused.type, refused.code, refused.camera], ['error', 'ERR_TOO_MANY_REQUESTS', 'yard']);
  viewer.say({ type: 'unsubscribe', channel: 7 });
  assert.equal((await viewer.ask({ type: 'subscribe', camera: 'yard' })).channel, 257);
});

test('a viewer that offers several subprotocols gets the one that is spoken', async (t) => {
  const { origin } = await startWatchedApp(t);
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/stream`, ['graphql-ws', 'framewell.v1']);
  t.after(() => socket.terminate());
  await once(socket, 'open');
  assert.equal(socket.protocol, 'framewell.v1');
});

test('a plain viewer may limit, pause and resume', async (t) => {
  const testApp = await startWatchedApp(t);
  const { origin, streams } = testApp;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/cameras/front/stream?width=640`);
  t.after(() => socket.terminate());
  const pictures: { sequence: number; width?: number }[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    assert.ok(isBinary);
    pictures.push(JSON.parse(data.toString()));
  });
  await once(socket, 'open');
  streams.front!.receiveFrame(1);
  while (pictures.length < 1) await once(socket, 'message');
  socket.send('{"type":"pause"}');
  await untilViewers(testApp, 'front', 0);
  streams.front!.receiveFrame(2);
  socket.send('{"type":"limit","width":160}');
  socket.send('{"type":"resume"}');
  while (pictures.length < 2) await once(socket, 'message');
  assert.deepEqual(pictures, [
    { sequence: 1, width: 640 },
    { sequence: 2, width: 160 },
  ]);
});

test('a viewer on the same rung shares the encode of another, whatever it speaks', async (t) => {
  const { origin, streams, encoder, watch } = await startWatchedApp(t);
  const viewers = [await watch('/stream?cameras=front&width=320'), await watch('/cameras/front/stream?width=320')];
  const plain = new WebSocket(`${origin.replace('http', 'ws')}/cameras/front/stream?width=320`);
  t.after(() => plain.terminate());
  await once(plain, 'open');
  const shown = once(plain, 'message');
  streams.front!.receiveFrame(1);
  await Promise.all([shown, ...viewers.map((viewer) => viewer.untilShown(() => true))]);
  assert.equal(encoder.encodes.length, 1);
});

test('a viewer that leaves is forgotten on every channel', async (t) => {
  const testApp = await startWatchedApp(t);
  const viewer = await testApp.watch('/stream?cameras=front,yard,front');
  await untilViewers(testApp, 'front', 2);
  viewer.close();
  await untilViewers(testApp, 'front', 0);
  await untilViewers(testApp, 'yard', 0);
  // One is the log's.
  assert.equal(testApp.streams.front!.listeners, 1);
  assert.deepEqual(testApp.streams.front!.frames.unreleased, []);
});
