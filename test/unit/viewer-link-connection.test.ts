import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { camera, CLOSED, FakeSocket, Link, OPEN, settled, ViewerLinkScene } from '../support/viewer-link-scene.js';
import { importWebModule } from '../support/web-modules.js';

const { retryDelay } = await importWebModule<{ retryDelay: (failures: number) => number }>(
  'viewer/reconnecting-socket.js',
);

describe("the connection of a viewer's link", () => {
  let scene: ViewerLinkScene;

  beforeEach(() => {
    scene = new ViewerLinkScene();
  });
  afterEach(() => scene.end());

  it('connects again with growing pauses, and asks for all of it again', async () => {
    mock.method(Math, 'random', () => 0.5);
    const gate = scene.subscribe('gate');
    const socket = await scene.opened();
    socket.say(camera(1, 'gate'));
    socket.drop();
    assert.equal(gate.camera, null);
    assert.equal(gate.cause?.code, 'ERR_NO_CONTACT');
    for (const pauseMs of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
      const before = scene.sockets.length;
      mock.timers.tick(pauseMs - 1);
      assert.equal(scene.sockets.length, before);
      mock.timers.tick(1);
      assert.equal(scene.sockets.length, before + 1);
      scene.sockets.at(-1)!.drop();
    }
    scene.link.retry();
    const next = await scene.opened();
    assert.deepEqual(next.take(), [{ type: 'subscribe', camera: 'gate', width: 320 }]);
    next.say(camera(1, 'gate'));
    assert.equal(gate.cause, null);
    next.show(1, 9);
    assert.deepEqual(scene.pictures, ['gate 9']);
  });

  it('does not try while nobody looks, and at once when somebody does', async () => {
    scene.subscribe('gate');
    scene.link.paused = true;
    await settled();
    assert.equal(scene.sockets.length, 0);
    scene.link.paused = false;
    const socket = await scene.opened();
    scene.link.paused = true;
    socket.drop();
    mock.timers.tick(60_000);
    assert.equal(scene.sockets.length, 1);
    scene.link.paused = false;
    await settled();
    assert.equal(scene.sockets.length, 2);
  });

  it('gives up a socket over which a live camera says nothing', async () => {
    scene.subscribe('gate');
    const socket = await scene.opened();
    socket.say(camera(1, 'gate', 'parked'));
    mock.timers.tick(60_000);
    assert.equal(socket.readyState, OPEN);
    socket.say(camera(1, 'gate'));
    // The link looks at the clock of the machine, which no test moves.
    mock.method(performance, 'now', () => 1e9);
    mock.timers.tick(5000);
    assert.equal(socket.readyState, CLOSED);
    mock.timers.tick(1000);
    assert.equal(scene.sockets.length, 2);
  });

  it('says that the browser does not allow the connection, and goes on trying', async () => {
    const refusals = [
      () => {
        throw new Error('An insecure socket from a page over https');
      },
      (url: string) => Object.assign(new FakeSocket(url), { readyState: CLOSED }),
    ];
    for (const refuse of refusals) {
      let tries = 0;
      const link = new Link('http://house.test', (url) => {
        tries += 1;
        return refuse(url);
      });
      const gate = link.subscribe('gate', {}, { onPicture: () => undefined, onChange: () => undefined });
      await settled();
      assert.equal(gate.cause?.code, 'ERR_SOCKET_REFUSED');
      mock.timers.tick(1000);
      assert.equal(tries, 2);
      gate.close();
    }
  });

  it('tells how far the pictures are reduced, until the connection is another', async () => {
    scene.subscribe('gate');
    const socket = await scene.opened();
    socket.say({ type: 'link', rung: 2, kbps: 280, ageMs: 410 });
    assert.equal(scene.link.info.rung, 2);
    socket.drop();
    assert.equal(scene.link.info.rung, 0);
  });

  it('closes the socket when nobody has subscribed for a while', async () => {
    const gate = scene.subscribe('gate');
    const socket = await scene.opened();
    socket.say(camera(1, 'gate'));
    socket.take();
    gate.close();
    await settled();
    assert.deepEqual(socket.take(), [{ type: 'unsubscribe', channel: 1 }]);
    mock.timers.tick(1000);
    assert.equal(socket.readyState, OPEN);
    mock.timers.tick(1000);
    assert.equal(socket.readyState, CLOSED);
    scene.subscribe('yard');
    await settled();
    assert.equal(scene.sockets.length, 2);
  });
});

it('lets the pause before a next try vary by a quarter to either side', (t) => {
  const random = t.mock.method(Math, 'random', () => 0);
  assert.equal(retryDelay(0), 375);
  random.mock.mockImplementation(() => 1);
  assert.equal(retryDelay(0), 625);
});
