import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import type { Loss } from '../../simulator/behaviour.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { ALLOWANCE } from '../support/allowance.js';
import { Cleanup } from '../support/cleanup.js';
import { referenceFrames, toJfifPlanes, type JfifPlanes } from '../support/clip-frames.js';
import { readFrameNumber } from '../support/frame-number.js';
import { FramewellServer, type CameraSettings } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg, psnr } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { Viewer } from '../support/viewer.js';

const IS_SLOW = ALLOWANCE > 1;
/**
 * At quality 95 an undamaged frame has about 44 dB, and 38 on the rungs that a slow server gives its viewers; one lost
 * slice, or one block of grey, has less than 30.
 */
const CLEAN_DB = IS_SLOW ? 34 : 40;
const GOP = 25;
const FRAMES = 100;

/** What our own receiver finds in RTP sequence numbers, libavformat has to be asked for in its own way. */
const STREAMS = (['auto', 'libav'] as const).flatMap((ingest) =>
  (['h264', 'h265'] as const).flatMap((codec) =>
    (['tcp', 'udp'] as const).map((transport) => ({ id: `${codec}-${transport}-${ingest}`, codec, transport, ingest })),
  ),
);

describe('packets are lost', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let server: FramewellServer;
  const mounts = new Map<string, Mount>();
  const references = new Map<string, JfifPlanes[]>();

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clips = {
      h264: await numberedClip({ frames: FRAMES, gop: GOP }),
      h265: await numberedClip({ codec: 'h265', frames: FRAMES, gop: GOP }),
    };
    for (const codec of ['h264', 'h265'] as const) {
      references.set(codec, await referenceFrames('ffmpeg', clips[codec], FRAMES));
    }
    const cameras: CameraSettings[] = [];
    for (const { id, codec, transport, ingest } of STREAMS) {
      const mount = simulator.addMount(`/${id}`, await loadClip(clips[codec].path));
      mounts.set(id, mount);
      cameras.push({ id, url: mount.url, transport, ingest });
    }
    const late = simulator.addMount('/mid-gop', await loadClip(clips.h264.path), { startAt: 'mid-gop' });
    mounts.set('mid-gop', late);
    cameras.push({ id: 'mid-gop', url: late.url });
    server = await FramewellServer.start({ cameras });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  /** The numbers of the pictures, all of which must be whole. */
  async function numbersOfCleanPictures(codec: string, jpegs: readonly Buffer[]): Promise<number[]> {
    const numbers: number[] = [];
    for (const jpeg of jpegs) {
      const picture = await decodeJpeg(jpeg);
      const number = readFrameNumber(picture);
      assert.notEqual(number, undefined, `Expected a frame number in every picture, but one has none`);
      numbers.push(number!);
      const [planes, reference] = [toJfifPlanes(picture), references.get(codec)![number!]!];
      // A slow server's viewer may be given smaller ones.
      if (IS_SLOW && planes.length < reference.length) continue;
      const similarity = psnr(planes, reference);
      assert.ok(similarity >= CLEAN_DB, `Expected frame ${number} whole but it has ${similarity.toFixed(1)} dB`);
    }
    return numbers;
  }

  test('a stream that is joined within a GOP shows nothing before its first keyframe', async () => {
    // First of all tests, while the camera still waits.
    const viewer = await Viewer.open(server.origin, 'mid-gop', '?quality=95');
    await viewer.received(GOP);
    viewer.close();
    const numbers = await numbersOfCleanPictures('h264', viewer.pictures);
    assert.ok(numbers[0]! >= GOP, `Expected nothing before frame ${GOP} but received frame ${numbers[0]}`);
  });

  for (const { id, codec } of STREAMS) {
    test(`${id}: after a loss nothing is shown until the next keyframe`, async () => {
      await server.untilState(id, 'live');
      const viewer = await Viewer.open(server.origin, id, '?quality=95');
      await viewer.received(GOP);
      const lossesBefore = await lossesOf(server, id);
      const mount = mounts.get(id)!;
      const lost = await loseInMidGop(mount);
      const shownBefore = viewer.pictures.length;
      // Not so many that the same frames come again.
      await sendMore(mount, 3 * GOP);
      viewer.close();
      const numbers = (await numbersOfCleanPictures(codec, viewer.pictures)).slice(shownBefore);
      const isHidden = (number: number) => number >= lost && number < Math.ceil(lost / GOP) * GOP;
      assert.deepEqual(numbers.filter(isHidden), [], `Expected no frame from ${lost} to the next keyframe`);
      assert.ok(numbers.length > 0, 'Expected pictures after the next keyframe');
      assert.ok((await lossesOf(server, id)) > lossesBefore);
      await server.untilState(id, 'live');
    });

    test(`${id}: what comes through a steady loss is whole`, async () => {
      const loss: Loss = { kind: 'random', probability: 0.02, seed: 7 };
      mounts.get(id)!.change({ loss });
      const viewer = await Viewer.open(server.origin, id, '?quality=95');
      const snapshots: Buffer[] = [];
      const lostBefore = mounts.get(id)!.counters.lostPackets;
      await server.untilCamera(
        id,
        () => mounts.get(id)!.counters.lostPackets >= lostBefore + 5 && viewer.pictures.length >= GOP,
        30_000,
      );
      for (let round = 0; round < 5; round++) {
        const answer = await server.snapshot(id, '?quality=95');
        // With a loss at the wrong moment there is no picture to be had in time; then that is said.
        if (answer.status === 200) snapshots.push(answer.body);
        else assert.equal(answer.status, 503);
      }
      mounts.get(id)!.change({ loss: { kind: 'none' } });
      viewer.close();
      assert.ok((await numbersOfCleanPictures(codec, [...viewer.pictures, ...snapshots])).length > 0);
    });
  }
});

/** Gives the number of the first frame that is not whole. */
async function loseInMidGop(mount: Mount): Promise<number> {
  for await (const [accessUnit] of on(mount, 'sent', { signal: AbortSignal.timeout(5000) })) {
    if ((accessUnit as number) % GOP !== GOP / 5) continue;
    mount.change({ loss: { kind: 'next', packets: 3 } });
    return (accessUnit as number) + 1;
  }
  throw new Error('Expected a camera that sends');
}

/** Resolves when the camera has sent so many more. */
async function sendMore(mount: Mount, accessUnits: number): Promise<void> {
  const last = mount.counters.accessUnits + accessUnits;
  const signal = AbortSignal.timeout(10_000);
  while (mount.counters.accessUnits < last) await once(mount, 'sent', { signal });
}

async function lossesOf(server: FramewellServer, id: string): Promise<number> {
  const { counters } = await server.camera(id);
  return (counters as { losses: number }).losses;
}
