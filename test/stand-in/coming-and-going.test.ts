import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Clip } from '../../simulator/clip/clip.js';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { readFrameNumber } from '../support/frame-number.js';
import { numberedClip } from '../support/numbered-clip.js';
import { decodeJpeg, type Picture } from '../support/picture.js';
import { requires } from '../support/requires.js';
import { until } from '../support/until.js';
import { CardServer, engineOf } from './card-server.js';

const CAMERAS = 8;
const RESTARTS = 20;

/** Each alone, to a camera of its own. What the card tells of itself afterwards shows that the fault was met. */
const FAULTS = [
  { fault: 'CreateDecoder=700@1', lost: 1 },
  { fault: 'DecodePicture=700@3', lost: 1 },
  { fault: 'MapVideoFrame=719@3', lost: 1 },
  { fault: 'Memcpy2D=702@3', lost: 1 },
  // The decoder's or the encoder's, as it happens.
  { fault: 'StreamSynchronize=999@3', lost: 1 },
  { fault: 'LaunchKernel=719@1', lost: 1 },
  { fault: 'LaunchKernel=719', lost: 3, reason: /^GPU 0/ },
  { fault: 'GetDecodeStatus=4@3', lost: 1 },
  { fault: 'ParseVideoData=714@3', lost: 1 },
  { fault: 'CreateVideoParser=718@1', lost: 1 },
  { fault: 'EncodeYUV=6@1', encodesOnCpu: 1 },
  { fault: 'MemAlloc=2@1', reason: /^GPU 0/ },
] as const satisfies readonly { fault: string; lost?: number; encodesOnCpu?: number; reason?: RegExp }[];

describe('cameras that come and go on a card', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let simulator: SimulatorServer;
  let clip: Clip;
  let larger: Clip;
  let card: CardServer;

  before(async () => {
    simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const load = async (width: number, height: number) =>
      loadClip((await numberedClip({ width, height, gop: 10 })).path);
    clip = await load(320, 180);
    larger = await load(640, 360);
    card = await CardServer.start(cleanup, {});
  });

  after(() => cleanup.run());

  async function pictureOf(id: string): Promise<Picture> {
    const answer = await card.server.snapshot(id);
    assert.equal(answer.status, 200, answer.body.toString());
    const picture = await decodeJpeg(answer.body);
    assert.equal(typeof readFrameNumber(picture), 'number');
    return picture;
  }

  /** A camera by this id until `use` has ended. */
  async function withCamera(id: string, url: string, use: () => Promise<void>): Promise<void> {
    await card.addCamera({ id, url, decode: 'always' });
    try {
      await card.server.untilState(id, 'live');
      await use();
    } finally {
      await card.removeCamera(id);
    }
  }

  function untilNoDecoder(): Promise<true> {
    return until(async () => (await card.gpus())[0]!.decoders === 0 || undefined, {
      timeoutMs: 10_000,
      describe: () => 'Expected no decoder on the card',
    });
  }

  test(`${CAMERAS} cameras ${RESTARTS} times, and nothing is left on the card`, async () => {
    const { url } = simulator.addMount('/restarts', clip);
    const round = async () => {
      const ids = Array.from({ length: CAMERAS }, (_, index) => `camera-${index}`);
      await Promise.all(
        ids.map((id) =>
          withCamera(id, url, async () => {
            await pictureOf(id);
            assert.equal(engineOf(await card.server.camera(id)).name, 'cuda');
          }),
        ),
      );
      await untilNoDecoder();
    };
    await round();
    for (let restart = 0; restart < RESTARTS; restart++) await round();
    const [gpu] = await card.gpus();
    // Encoders stay for the next picture, one for each thread that encodes.
    const { memoryTotalBytes, memoryFreeBytes } = gpu!;
    assert.ok(memoryTotalBytes! - memoryFreeBytes! < 48 * 1024 * 1024, JSON.stringify(gpu));
    assert.equal(gpu!.timesLost, 0);
  });

  for (const [index, { fault, ...expected }] of FAULTS.entries()) {
    test(`${fault}: its camera gives pictures`, async () => {
      const id = `fault-${index}`;
      const { url } = simulator.addMount(`/${id}`, clip);
      const [before] = await card.gpus();
      await card.setFaults(fault);
      await withCamera(id, url, async () => {
        // Each the next one: more than the calls that a fault waits for.
        let query = '?wait=5000';
        for (let picture = 0; picture < 5; picture++) {
          const answer = await card.server.snapshot(id, query);
          assert.equal(answer.status, 200, answer.body.toString());
          query = `?after=${answer.headers.get('x-frame-sequence')}&wait=5000`;
        }
        const [after] = await card.gpus();
        assert.equal(after!.timesLost - before!.timesLost, 'lost' in expected ? expected.lost : 0);
        assert.equal(
          after!.encodesOnCpu - before!.encodesOnCpu,
          'encodesOnCpu' in expected ? expected.encodesOnCpu : 0,
        );
        const engine = engineOf(await card.server.camera(id));
        if ('reason' in expected) assert.match(engine.reason, expected.reason);
        assert.equal(engine.name, 'reason' in expected ? 'cpu' : 'cuda');
      });
      await card.setFaults('');
      await untilNoDecoder();
    });
  }

  test('a camera that changes its resolution stays on the card', async () => {
    const mount = simulator.addMount('/resolution', clip);
    await withCamera('resolution', mount.url, async () => {
      const untilWide = (width: number) =>
        until(async () => (await pictureOf('resolution')).width === width || undefined, {
          timeoutMs: 10_000,
          describe: () => `Expected pictures that are ${width} wide`,
        });
      await untilWide(320);
      for (const [next, width] of [
        [larger, 640],
        [clip, 320],
      ] as const) {
        mount.switchTo(next);
        await untilWide(width);
      }
      assert.equal(engineOf(await card.server.camera('resolution')).name, 'cuda');
      assert.equal((await card.gpus())[0]!.timesLost, 12);
    });
  });
});
