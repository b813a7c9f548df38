import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer, type CameraReport } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { requires } from '../support/requires.js';
import { collectGarbage, PRELOAD_COLLECTOR } from './run/garbage.js';
import { restingLevel } from './run/process-level.js';

const CAMERAS = 24;
/** A decoder of such a camera has more than a megabyte, so it would be 30 MiB and more. */
const MAX_GROWTH_MIB = 10;

describe('cameras that nobody looks at any more', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  const ids = Array.from({ length: CAMERAS }, (_, index) => `camera-${index}`);
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip({ width: 320, height: 180, frames: 100, gop: 25 })).path);
    server = await FramewellServer.start({
      cameras: ids.map((id) => ({ id, url: simulator.addMount(`/${id}`, clip).url })),
      environment: { DECODE_LINGER_MS: '1000', LOG_LEVEL: 'warn', ...PRELOAD_COLLECTOR },
    });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  async function memoryMiBAfterLookingAt(lookedAt: readonly string[]): Promise<number> {
    await Promise.all(lookedAt.map(async (id) => assert.equal((await server.snapshot(id)).status, 200)));
    for (const id of lookedAt) await server.untilCamera(id, (camera) => !isDecoding(camera));
    await collectGarbage(server);
    return (await restingLevel(server.pid)).memoryMiB;
  }

  test('give the memory of their decoders back', async () => {
    for (const id of ids) await server.untilState(id, 'live');
    // One, for the code that is loaded and compiled.
    const before = await memoryMiBAfterLookingAt(ids.slice(0, 1));
    const growthMiB = (await memoryMiBAfterLookingAt(ids)) - before;
    assert.ok(growthMiB < MAX_GROWTH_MIB, `Expected less than ${MAX_GROWTH_MIB} MiB but it is ${growthMiB.toFixed(1)}`);
  });
});

function isDecoding(camera: CameraReport): boolean {
  return (camera.decode as { running: boolean }).running;
}
