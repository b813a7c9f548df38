import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { ALLOWANCE } from '../support/allowance.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer } from '../support/framewell-server.js';
import { PartReader } from '../support/part-reader.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { Viewer } from '../support/viewer.js';

const FPS = 25;
const FRAMES = 250;

describe('live viewers', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  let mount: Mount;
  /** All keyframes, so that it can stop and go on after any. */
  let stepwise: Mount;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    mount = simulator.addMount('/live', await loadClip((await numberedClip({ fps: FPS, frames: FRAMES })).path));
    stepwise = simulator.addMount('/stepwise', await loadClip((await numberedClip({ fps: FPS, gop: 1 })).path));
    const silent = simulator.addMount('/silent', mount.clip, { answer: { kind: 'silence' } });
    server = await FramewellServer.start({
      cameras: [
        { id: 'live', url: mount.url },
        { id: 'stepwise', url: stepwise.url },
        { id: 'silent', url: silent.url },
      ],
      // The silent one is to be connecting until the last test.
      environment: { CONNECT_TIMEOUT_MS: '60000' },
    });
    cleanup.add(server, (it) => it.stop());
    for (const id of ['live', 'stepwise']) await server.untilState(id, 'live');
  });

  after(() => cleanup.run());

  test('a WebSocket viewer gets every frame once and in order', async () => {
    const viewer = await Viewer.open(server.origin, 'live');
    await viewer.received(2 * FPS);
    viewer.close();
    const steps = stepsOf(await numbersOf(viewer.pictures));
    assert.ok(
      steps.every((step) => step > 0),
      `Expected no frame twice but the steps are ${steps.join()}`,
    );
    const skipped = steps.reduce((sum, step) => sum + step - 1, 0);
    const most = 5 * ALLOWANCE;
    assert.ok(skipped <= most, `Expected at most ${most} frames of 50 skipped but it was ${skipped}`);
  });

  test('width, height and quality are those asked for', async () => {
    const viewer = await Viewer.open(server.origin, 'live', '?width=160&quality=50');
    await viewer.received(3);
    viewer.close();
    const { width, height } = await decodeJpeg(viewer.pictures[0]!);
    assert.deepEqual([width, height], [160, 90]);
  });

  test('a viewer that does not read skips to the newest frame and slows no other', async () => {
    const fast = await Viewer.open(server.origin, 'live', '?quality=95');
    const slow = await Viewer.open(server.origin, 'live', '?quality=95');
    await slow.received(5);
    slow.socket.pause();
    const seenBySlow = slow.pictures.length;
    const [framesBefore, fastBefore] = [mount.counters.accessUnits, fast.pictures.length];
    await fast.received(fastBefore + 4 * FPS);
    const sent = mount.counters.accessUnits - framesBefore;
    const got = fast.pictures.length - fastBefore;
    assert.ok(got >= sent * (1 - 0.1 * ALLOWANCE), `Expected the fast viewer to get ${sent} frames but it got ${got}`);

    slow.socket.resume();
    await slow.received(seenBySlow + 20);
    const newest = (mount.counters.accessUnits - 1) % FRAMES;
    const numbers = await numbersOf(slow.pictures);
    for (const viewer of [fast, slow]) viewer.close();
    // What was on its way when it stopped reading is old; from then on it is up to date.
    const jumps = stepsOf(numbers.slice(seenBySlow - 1)).filter((step) => step > 2 * FPS);
    assert.equal(jumps.length, 1, `Expected one jump over what was missed but the numbers are ${numbers.join()}`);
    const behind = (newest - numbers.at(-1)! + FRAMES) % FRAMES;
    assert.ok(behind <= 5 * ALLOWANCE, `Expected to be up to date but it is ${behind} frames behind`);
  });

  test('viewers are counted while they watch', async () => {
    const viewer = await Viewer.open(server.origin, 'live');
    await server.untilCamera('live', ({ viewers }) => viewers === 1);
    viewer.close();
    await server.untilCamera('live', ({ viewers }) => viewers === 0);
  });

  test('stream.mjpeg has a part for each picture that comes after the last was read', { timeout: 30_000 }, async () => {
    const sent: number[] = [];
    // Each picture waits for the last to be read. A camera that is late sends two at once, of which one may be skipped.
    stepwise.on('sent', (number) => {
      sent.push(number);
      stepwise.change({ stalled: true });
    });
    await once(stepwise, 'sent');
    const request = get(`${server.origin}/cameras/stepwise/stream.mjpeg?quality=90`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.statusCode, 200);
    const reader = new PartReader(response);
    const firstSequences = new Set<number>();
    for (let at = -1; at < FPS;) {
      const { headers, body } = (await reader.next())!;
      assert.equal(headers['Content-Type'], 'image/jpeg');
      const [number] = await numbersOf([body]);
      const next = sent.indexOf(number!, at + 1);
      assert.ok(next > at, `Expected a picture after ${sent[at]} of ${sent.join()} but received ${number}`);
      at = next;
      firstSequences.add(Number(headers['X-Frame-Sequence']) - at);
      if (at === sent.length - 1) stepwise.change({ stalled: false });
    }
    request.destroy();
    assert.equal(firstSequences.size, 1, 'Expected a sequence that counts the pictures of the camera');
  });

  test('stream.mjpeg of a camera that is not up answers 503', async () => {
    const answer = await server.get('/cameras/silent/stream.mjpeg');
    assert.equal(answer.status, 503);
    assert.equal((answer.json() as { code: string }).code, 'ERR_CAMERA_CONNECTING');
  });

  for (const { path, status } of [
    { path: '/cameras/nobody/stream', status: 404 },
    { path: '/cameras/live/stream?quality=0', status: 400 },
  ]) {
    test(`a WebSocket to ${path} is refused with ${status}`, async () => {
      const socket = new WebSocket(server.origin.replace('http', 'ws') + path);
      const [error] = (await once(socket, 'error')) as [Error];
      assert.match(error.message, new RegExp(`${status}`));
    });
  }

  test('the path of the WebSocket asks a plain request to upgrade', async () => {
    const answer = await server.get('/cameras/live/stream');
    assert.equal(answer.status, 426);
  });
});

async function numbersOf(jpegs: readonly Buffer[]): Promise<number[]> {
  const pictures = await Promise.all(jpegs.map(decodeJpeg));
  return pictures.map((picture, index) => {
    const number = readFrameNumber(picture);
    assert.notEqual(number, undefined, `Expected a frame number in picture ${index}`);
    return number!;
  });
}

/** From each number to the next, over the clip's end too. */
function stepsOf(numbers: readonly number[]): number[] {
  return numbers.slice(1).map((number, index) => (number - numbers[index]! + FRAMES) % FRAMES);
}
