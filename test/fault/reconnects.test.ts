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
import { restingLevel, type ProcessLevel } from './run/process-level.js';

const WARM_UP = 20;
const RECONNECTS = 200;
const COLLECTIONS = 6;
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

  async function reconnect(): Promise<void> {
    mount.killSessions();
    await server.untilState('camera', 'backingOff');
    // Without the wait, which would grow to half a minute.
    await server.post('/cameras/camera/retry', { authorization: `Bearer ${ADMIN_TOKEN}` });
    await server.untilState('camera', 'live');
    assert.equal((await server.snapshot('camera')).status, 200);
  }

  /** What waits for the collector is not held, and V8 gives memory back by and by. */
  async function levelAtRest(): Promise<ProcessLevel> {
    await server.untilCamera('camera', ({ decode }) => !(decode as { running: boolean }).running);
    for (let count = 1; count < COLLECTIONS; count++) {
      await collectGarbage(server);
      await restingLevel(server.pid);
    }
    await collectGarbage(server);
    return restingLevel(server.pid);
  }

  test(`less than 2 MB are left behind after the first ${WARM_UP} of ${RECONNECTS}`, async () => {
    await server.untilState('camera', 'live');
    for (let count = 0; count < WARM_UP; count++) await reconnect();
    const before = await levelAtRest();
    for (let count = WARM_UP; count < RECONNECTS; count++) await reconnect();
    const afterwards = await levelAtRest();
    const { counters } = await server.camera('camera');
    assert.equal((counters as { sessions: number }).sessions, RECONNECTS + 1);
    assert.equal(mount.playing, 1);

    const growthMiB = afterwards.memoryMiB - before.memoryMiB;
    assert.ok(growthMiB < MAX_GROWTH_MIB, `Expected less than 2 MB but it was ${growthMiB.toFixed(1)} MB`);
    for (const kind of ['threads', 'descriptors'] as const) assert.equal(afterwards[kind], before[kind], kind);
  });
});
