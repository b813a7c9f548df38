import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ThrottledProxy } from '../../bench/support/throttled-proxy.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { ALLOWANCE } from '../support/allowance.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { FramewellViewer, Viewer, type Shown } from '../support/viewer.js';

const FPS = 25;
const FRAMES = 250;
const ADMIN_TOKEN = 'token-of-the-administrator';

describe('viewers that speak framewell.v1', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const mounts = new Map<string, Mount>();
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip({ fps: FPS, frames: FRAMES })).path);
    for (const id of ['front', 'yard', 'gate']) mounts.set(id, simulator.addMount(`/${id}`, clip));
    server = await FramewellServer.start({
      cameras: ['front', 'yard'].map((id) => ({ id, url: mounts.get(id)!.url })),
      environment: { ADMIN_TOKEN },
      secrets: [ADMIN_TOKEN],
    });
    cleanup.add(server, (it) => it.stop());
    await Promise.all(['front', 'yard'].map((id) => server.untilState(id, 'live')));
  });

  after(() => cleanup.run());

  async function watch(t: { after(done: () => void): void }, path: string): Promise<FramewellViewer> {
    const viewer = await FramewellViewer.open(server.origin, path);
    t.after(() => viewer.close());
    return viewer;
  }

  function admin(method: string, path: string, body?: object): Promise<Response> {
    return fetch(new URL(path, server.origin), {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  test('the header of a picture tells the truth about it', async (t) => {
    const viewer = await watch(t, '/cameras/front/stream');
    const { id, state, width, height, sequence } = viewer.hello.cameras[0];
    assert.deepEqual([id, state, width, height], ['front', 'live', 640, 360]);
    await viewer.untilShown(() => viewer.shown.length >= FPS);
    const [first] = viewer.shown;
    assert.ok(first!.sequence >= sequence);
    const offset = ((await numberOf(first!)) - first!.sequence + 100 * FRAMES) % FRAMES;
    for (const picture of viewer.shown) {
      assert.equal(((await numberOf(picture)) - picture.sequence + 100 * FRAMES) % FRAMES, offset);
      assert.deepEqual([picture.version, picture.channel], [1, 1]);
      // The server and this test have one clock; on the way and in this process a picture only gets older.
      const ageMs = performance.timeOrigin + picture.arrivedAtMs - picture.receivedAtMs;
      assert.ok(picture.ageMs <= ageMs + 5 && picture.ageMs > ageMs - 1000, `${picture.ageMs} of ${ageMs} ms`);
    }
  });

  test('one socket carries cameras in sizes of their own, and only as long as they are wanted', async (t) => {
    const viewer = await watch(t, '/stream?cameras=front&width=320');
    const answer = await viewer.ask({ type: 'subscribe', camera: 'yard', width: 160, fps: 5 });
    assert.deepEqual([answer.type, answer.channel, answer.id], ['camera', 2, 'yard']);
    const sizeOn = async (channel: number) => {
      const { width, height } = await decodeJpeg((await viewer.untilShown((shown) => shown.channel === channel)).jpeg);
      return [width, height];
    };
    assert.deepEqual(await sizeOn(1), [320, 180]);
    assert.deepEqual(await sizeOn(2), [160, 90]);

    const begin = lastOf(viewer);
    // Two seconds of both.
    const end = await viewer.untilShown(
      ({ channel, arrivedAtMs }) => channel === 1 && arrivedAtMs > begin.arrivedAtMs + 2000,
    );
    const shown = viewer.shown.filter(
      ({ arrivedAtMs }) => arrivedAtMs > begin.arrivedAtMs && arrivedAtMs <= end.arrivedAtMs,
    );
    const slow = shown.filter(({ channel }) => channel === 2).length;
    assert.ok(slow >= 8 / ALLOWANCE && slow <= 12, `Expected 10 pictures in 2 s but there were ${slow}`);
    assert.ok(shown.length - slow > (3 * slow) / ALLOWANCE, 'the other one has all');

    viewer.say({ type: 'unsubscribe', channel: 1 });
    await server.untilCamera('front', ({ viewers }) => viewers === 0);
    viewer.say({ type: 'limit', channel: 2, width: 80 });
    await viewer.untilShown(({ channel, jpeg }) => channel === 2 && jpeg.length < end.jpeg.length / 4);
  });

  test('a paused viewer is shown nothing, and then the newest', async (t) => {
    const viewer = await watch(t, '/cameras/front/stream');
    await viewer.untilShown(() => true);
    viewer.say({ type: 'pause' });
    await server.untilCamera('front', ({ viewers }) => viewers === 0);
    const { sequence } = lastOf(viewer);
    const { accessUnits } = mounts.get('front')!.counters;
    while (mounts.get('front')!.counters.accessUnits < accessUnits + FPS) await new Promise(setImmediate);
    assert.ok(lastOf(viewer).sequence <= sequence + 1, 'one may have been on its way');
    viewer.say({ type: 'resume' });
    const next = await viewer.untilShown((shown) => shown.sequence > sequence + 1);
    assert.ok(next.sequence >= sequence + FPS - 3 && next.ageMs < 500, JSON.stringify({ ...next, jpeg: undefined }));
  });

  test('a camera that goes down and comes back is told of, on the same channel', async (t) => {
    const viewer = await watch(t, '/stream?cameras=yard');
    await viewer.untilShown(() => true);
    const yard = mounts.get('yard')!;
    yard.change({ answer: { kind: 'close' } });
    yard.killSessions();
    const down = await viewer.untilTold(({ state }) => state === 'backingOff');
    assert.match(down.cause.code, /^ERR_(STREAM|RTSP)_/);
    const downAt = viewer.told.indexOf(down);
    yard.change({ answer: { kind: 'serve' } });
    await viewer.untilTold((told) => told.state === 'live' && viewer.told.indexOf(told) > downAt);
    // A picture from before may have been on its way when the camera went down.
    const { sequence } = lastOf(viewer);
    assert.equal((await viewer.untilShown((shown) => shown.sequence > sequence)).channel, 1);
  });

  test('a camera that is taken out ends its channel alone', async (t) => {
    const gate = { id: 'gate', url: mounts.get('gate')!.url };
    assert.equal((await admin('POST', '/cameras', gate)).status, 201);
    const viewer = await watch(t, '/stream?cameras=gate,front&width=160');
    await viewer.untilShown(({ channel }) => channel === 1);
    await admin('DELETE', '/cameras/gate');
    const ended = await viewer.untilTold(({ type }) => type === 'ended');
    assert.deepEqual([ended.channel, ended.id, ended.code], [1, 'gate', 'ERR_CAMERA_NOT_FOUND']);
    const { arrivedAtMs } = lastOf(viewer);
    await viewer.untilShown((shown) => shown.channel === 2 && shown.arrivedAtMs > arrivedAtMs);

    assert.equal((await admin('POST', '/cameras', gate)).status, 201);
    assert.equal((await viewer.ask({ type: 'subscribe', camera: 'gate', width: 160 })).channel, 3);
    await viewer.untilShown(({ channel }) => channel === 3);
    await admin('DELETE', '/cameras/gate');
  });

  test('what is no message is answered, and pictures go on', async (t) => {
    const viewer = await watch(t, '/cameras/front/stream?width=160');
    for (const text of ['', '{', '[]', '{"type":"sing"}', '{"type":"limit","width":1}']) {
      const before = viewer.told.length;
      viewer.socket.send(text);
      await viewer.untilTold(
        (message) => viewer.told.indexOf(message) >= before && message.code === 'ERR_BAD_PARAMETER',
      );
    }
    const { arrivedAtMs } = await viewer.untilShown(() => true);
    await viewer.untilShown((shown) => shown.arrivedAtMs > arrivedAtMs);
  });

  test('a viewer on a slow link has new pictures, reduced, and takes nothing from others', async (t) => {
    const proxy = await ThrottledProxy.listen(server.origin, { bytesPerSecond: 300_000 / 8, delayMs: 20 });
    t.after(() => proxy.close());
    // Every picture of these would take the link for a second.
    const fast = await Viewer.open(server.origin, 'front', '?quality=95');
    t.after(() => fast.close());
    const slow = await FramewellViewer.open(proxy.origin, '/cameras/front/stream?quality=95');
    t.after(() => slow.close());
    const link = await slow.untilTold(({ type }) => type === 'link');
    assert.ok(link.rung > 0 && link.kbps > 50, JSON.stringify(link));
    await slow.untilShown(() => slow.shown.length >= 40, 20_000 * ALLOWANCE);
    const ages = slow.shown.map(({ arrivedAtMs, receivedAtMs }) => performance.timeOrigin + arrivedAtMs - receivedAtMs);
    const oldest = ages.sort((a, b) => a - b)[Math.floor(ages.length * 0.9)]!;
    assert.ok(oldest < 1000 * ALLOWANCE, `Expected new pictures but one in ten is older than ${oldest} ms`);
    const [begin, seconds] = [fast.pictures.length, 3];
    const { accessUnits } = mounts.get('front')!.counters;
    await fast.received(begin + seconds * FPS);
    const sent = mounts.get('front')!.counters.accessUnits - accessUnits;
    assert.ok(
      sent < seconds * FPS * (1 + 0.15 * ALLOWANCE),
      `Expected the fast viewer to have all but it had 75 of ${sent}`,
    );
  });

  test('a viewer that does not read holds up no other, and what it misses waits nowhere', async (t) => {
    const viewer = await watch(t, '/cameras/front/stream?quality=95');
    await viewer.untilShown(() => viewer.shown.length > 3);
    viewer.socket.pause();
    const seen = viewer.shown.length;
    const other = await watch(t, '/cameras/front/stream?quality=95&fps=24');
    await other.untilShown(() => other.shown.length > 4 * 24, 20_000);
    viewer.socket.resume();
    const { arrivedAtMs } = lastOf(other);
    await viewer.untilShown((shown) => shown.arrivedAtMs > arrivedAtMs + 500);
    const late = viewer.shown.slice(seen).filter(({ sequence }) => sequence < lastOf(other).sequence - 2 * FPS);
    assert.ok(late.length <= 4, `Expected what was on its way but there were ${late.length} old pictures`);
  });
});

function lastOf({ shown }: FramewellViewer): Shown {
  return shown.at(-1)!;
}

async function numberOf({ jpeg }: Shown): Promise<number> {
  const number = readFrameNumber(await decodeJpeg(jpeg));
  assert.notEqual(number, undefined, 'Expected a frame number');
  return number!;
}
