import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer, type CameraReport } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg } from '../support/picture.js';
import { requires } from '../support/requires.js';

const LINGER_MS = 300;
const FRAMES = 100;
const GOP = 25;
/** Holds a GOP of 25 frames, 90 kB, but not one of 250. */
const RING_MAX_BYTES = 150_000;

describe('decode modes', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  let longGop: Mount;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip({ frames: FRAMES, gop: GOP })).path);
    longGop = simulator.addMount('/long-gop', await loadClip((await numberedClip({ gop: 250 })).path));
    const url = (path: string): string => simulator.addMount(path, clip).url;
    server = await FramewellServer.start({
      cameras: [
        { id: 'on-demand', url: url('/on-demand') },
        { id: 'always', url: url('/always'), decode: 'always' },
        { id: 'keyframes', url: url('/keyframes'), decode: 'keyframes' },
        { id: 'long-gop', url: longGop.url },
      ],
      environment: { DECODE_LINGER_MS: String(LINGER_MS), GOP_RING_MAX_BYTES: String(RING_MAX_BYTES) },
    });
    cleanup.add(server, (it) => it.stop());
    for (const id of ['on-demand', 'always', 'keyframes', 'long-gop']) await server.untilState(id, 'live');
  });

  after(() => cleanup.run());

  /** The report after this many further access units: time as the camera counts it. */
  async function after25Frames(id: string): Promise<{ before: CameraReport; after: CameraReport }> {
    const reportBefore = await server.camera(id);
    const target = counters(reportBefore).accessUnits + 25;
    return { before: reportBefore, after: await server.untilCamera(id, (now) => counters(now).accessUnits >= target) };
  }

  test('on-demand: nothing is decoded until somebody asks, and again nothing once the linger is over', async () => {
    assert.equal(counters((await after25Frames('on-demand')).after).decodedFrames, 0);
    assert.equal((await server.snapshot('on-demand')).status, 200);
    assert.equal(decode(await server.camera('on-demand')).running, true);
    const cold = await server.untilCamera('on-demand', (camera) => !decode(camera).running, LINGER_MS * 5);
    assert.ok(counters(cold).decodedFrames > 0);
    const { before: idle, after: stillIdle } = await after25Frames('on-demand');
    assert.equal(counters(stillIdle).decodedFrames, counters(idle).decodedFrames);
  });

  test('always: every frame is decoded though nobody asks', async () => {
    const { before: first, after: second } = await after25Frames('always');
    assert.equal(decode(second).running, true);
    const decoded = counters(second).decodedFrames - counters(first).decodedFrames;
    const received = counters(second).accessUnits - counters(first).accessUnits;
    assert.ok(Math.abs(decoded - received) <= 3, `Expected ${received} decoded frames but it has ${decoded}`);
  });

  test('keyframes: the newest keyframe is what one gets', async () => {
    let keyframes = counters(await server.camera('keyframes')).keyframes;
    let last: number | undefined;
    for (let round = 0; round < 3; round++) {
      const report = await server.untilCamera('keyframes', (camera) => counters(camera).keyframes > keyframes);
      ({ keyframes } = counters(report));
      const number = await snapshotNumber('keyframes');
      assert.equal(number % GOP, 0);
      if (last !== undefined) assert.equal(number, (last + GOP) % FRAMES);
      last = number;
    }
    const { before: first, after: second } = await after25Frames('keyframes');
    const decoded = counters(second).decodedFrames - counters(first).decodedFrames;
    assert.ok(decoded <= 2, `Expected at most two decoded frames in 25 but received ${decoded}`);
  });

  test('a GOP that the ring cannot hold is said to be so, and its newest frame is still served', async () => {
    await server.untilCamera('long-gop', ({ ring }) => (ring as { overflowed: boolean }).overflowed);
    for (let round = 0; round < 5; round++) {
      const sentBefore = longGop.counters.accessUnits;
      const number = await snapshotNumber('long-gop');
      const lead = (number - (sentBefore - 2) + 500) % 250;
      const most = longGop.counters.accessUnits - (sentBefore - 2);
      assert.ok(lead <= most, `Expected a frame from ${sentBefore - 2} on but received ${number}`);
      await after25Frames('long-gop');
    }
    const { bytes } = (await server.camera('long-gop')).ring as { bytes: number };
    assert.ok(bytes <= RING_MAX_BYTES, `Expected at most ${RING_MAX_BYTES} bytes in the ring but it has ${bytes}`);
  });

  async function snapshotNumber(id: string): Promise<number> {
    const answer = await server.snapshot(id);
    assert.equal(answer.status, 200, answer.body.toString());
    const number = readFrameNumber(await decodeJpeg(answer.body));
    assert.notEqual(number, undefined);
    return number!;
  }
});

function counters(camera: CameraReport): { accessUnits: number; keyframes: number; decodedFrames: number } {
  return camera.counters as { accessUnits: number; keyframes: number; decodedFrames: number };
}

function decode(camera: CameraReport): { running: boolean } {
  return camera.decode as { running: boolean };
}
