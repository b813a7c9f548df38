import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer } from '../support/framewell-server.js';
import { numberedClip } from '../support/numbered-clip.js';
import { requires } from '../support/requires.js';
import { collectGarbage, PRELOAD_COLLECTOR } from './run/garbage.js';
import { processLevel, type ProcessLevel } from './run/process-level.js';

const WARM_UP = 20;
const RECONNECTS = 200;
/** 2 MB. */
const MAX_GROWTH_MIB = 1.9;
const ADMIN_TOKEN = 'token-of-the-administrator';

describe('many reconnects of one camera', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let mount: Mount;
  let server: FramewellServer;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip({ width: 320, height: 180, frames: 100, gop: 25 })).path);
    mount = simulator.addMount('/camera', clip);
    server = await FramewellServer.start({
      cameras: [{ id: 'camera', url: mount.url }],
      environment: { ADMIN_TOKEN, ...PRELOAD_COLLECTOR },
      secrets: [ADMIN_TOKEN],
    });
    cleanup.add(server, (it) => it.stop());
  });

  after(() => cleanup.run());

  test(`memory grows by less than 2 MB after the first ${WARM_UP} of ${RECONNECTS}`, async () => {
    const levels: ProcessLevel[] = [];
    await server.untilState('camera', 'live');
    while (levels.length < RECONNECTS) {
      mount.killSessions();
      await server.untilState('camera', 'backingOff');
      // Without the wait, which would grow to half a minute.
      await server.post('/cameras/camera/retry', { authorization: `Bearer ${ADMIN_TOKEN}` });
      await server.untilState('camera', 'live');
      assert.equal((await server.snapshot('camera')).status, 200);
      await collectGarbage(server);
      levels.push(processLevel(server.pid));
    }
    const { counters } = await server.camera('camera');
    assert.equal((counters as { sessions: number }).sessions, RECONNECTS + 1);
    assert.equal(mount.playing, 1);

    // Single values vary by what happens to be in flight.
    const [before, afterwards] = [levels.slice(WARM_UP, 2 * WARM_UP), levels.slice(-WARM_UP)];
    const growthMiB = median(afterwards, 'memoryMiB') - median(before, 'memoryMiB');
    assert.ok(growthMiB < MAX_GROWTH_MIB, `Expected less than 2 MB but it was ${growthMiB.toFixed(1)} MB`);
    for (const kind of ['threads', 'descriptors'] as const) {
      assert.equal(median(afterwards, kind), median(before, kind), kind);
    }
  });
});

function median(levels: readonly ProcessLevel[], kind: keyof ProcessLevel): number {
  const values = levels.map((level) => level[kind]).sort((one, other) => one - other);
  return values[Math.floor(values.length / 2)]!;
}
