import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { camera, settled, ViewerLinkScene } from '../support/viewer-link-scene.js';

describe("a viewer's link to a server", () => {
  let scene: ViewerLinkScene;

  beforeEach(() => {
    scene = new ViewerLinkScene();
  });
  afterEach(() => scene.end());

  it('carries all cameras over one socket', async () => {
    scene.subscribe('gate');
    scene.subscribe('yard', { width: 640 });
    const socket = await scene.opened();
    assert.equal(scene.sockets.length, 1);
    assert.equal(socket.url, 'ws://house.test/stream');
    assert.equal(socket.binaryType, 'arraybuffer');
    assert.deepEqual(socket.take(), [
      { type: 'subscribe', camera: 'gate', width: 320 },
      { type: 'subscribe', camera: 'yard', width: 640 },
    ]);
    socket.say(camera(1, 'gate'));
    socket.say(camera(2, 'yard'));
    socket.show(2, 7);
    socket.show(1, 8);
    assert.deepEqual(scene.pictures, ['yard 7', 'gate 8']);
  });

  it('tells two subscriptions to one camera apart', async () => {
    const [small, large] = [scene.subscribe('gate'), scene.subscribe('gate', { width: 1280 })];
    const socket = await scene.opened();
    socket.say(camera(1, 'gate'));
    socket.say(camera(2, 'gate'));
    assert.deepEqual([small.camera?.channel, large.camera?.channel], [1, 2]);
  });

  it('says only what has changed, once the channel is known', async () => {
    const gate = scene.subscribe('gate');
    const socket = await scene.opened();
    socket.take();
    gate.limits = { width: 640 };
    gate.limits = { width: 960 };
    gate.paused = true;
    await settled();
    assert.deepEqual(socket.take(), []);
    socket.say(camera(1, 'gate'));
    await settled();
    assert.deepEqual(socket.take(), [
      { type: 'limit', channel: 1, width: 960 },
      { type: 'pause', channel: 1 },
    ]);
    gate.limits = { width: 960 };
    gate.paused = false;
    await settled();
    assert.deepEqual(socket.take(), [{ type: 'resume', channel: 1 }]);
  });

  it('ends a subscription that was closed before its answer came, and not the one after it', async () => {
    const first = scene.subscribe('gate');
    const socket = await scene.opened();
    first.close();
    const second = scene.subscribe('gate');
    await settled();
    socket.take();
    socket.say(camera(1, 'gate'));
    assert.deepEqual(socket.take(), [{ type: 'unsubscribe', channel: 1 }]);
    // News that crossed the message.
    socket.say(camera(1, 'gate', 'backingOff'));
    socket.say(camera(2, 'gate'));
    assert.equal(second.camera?.channel, 2);
    assert.deepEqual(socket.take(), []);
  });

  it('pauses all of it while nobody looks, and asks for nothing new', async () => {
    scene.subscribe('gate');
    const socket = await scene.opened();
    socket.say(camera(1, 'gate'));
    socket.take();
    scene.link.paused = true;
    scene.subscribe('yard');
    await settled();
    assert.deepEqual(socket.take(), [{ type: 'pause', channel: 1 }]);
    scene.link.paused = false;
    await settled();
    assert.deepEqual(socket.take(), [
      { type: 'resume', channel: 1 },
      { type: 'subscribe', camera: 'yard', width: 320 },
    ]);
  });

  it('resumes what was paused as a whole, and leaves what is paused by itself', async () => {
    const [gate] = [scene.subscribe('gate'), scene.subscribe('yard')];
    const socket = await scene.opened();
    gate.paused = true;
    scene.link.paused = true;
    // The answers come while nobody looks.
    socket.say(camera(1, 'gate'));
    socket.say(camera(2, 'yard'));
    await settled();
    socket.take();
    scene.link.paused = false;
    await settled();
    assert.deepEqual(socket.take(), [{ type: 'resume', channel: 2 }]);
  });

  it('asks again for a camera that is not there, with growing pauses', async () => {
    mock.method(Math, 'random', () => 0.5);
    const gate = scene.subscribe('gate');
    const socket = await scene.opened();
    const asking = [{ type: 'subscribe', camera: 'gate', width: 320 }];
    assert.deepEqual(socket.take(), asking);
    socket.say({ type: 'error', code: 'ERR_CAMERA_NOT_FOUND', message: 'No camera gate', camera: 'gate' });
    assert.deepEqual(gate.cause, { code: 'ERR_CAMERA_NOT_FOUND', message: 'No camera gate' });
    mock.timers.tick(499);
    await settled();
    assert.deepEqual(socket.take(), []);
    mock.timers.tick(1);
    await settled();
    assert.deepEqual(socket.take(), asking);
    socket.say(camera(1, 'gate'));
    socket.say({ type: 'ended', channel: 1, id: 'gate', code: 'ERR_CAMERA_NOT_FOUND', message: 'Taken out' });
    assert.deepEqual(gate.cause, { code: 'ERR_CAMERA_NOT_FOUND', message: 'Taken out' });
    mock.timers.tick(500);
    await settled();
    assert.deepEqual(socket.take(), asking);
  });
});
