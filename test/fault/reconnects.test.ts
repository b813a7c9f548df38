import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { numberedClip } from '../support/numbered-clip.js';
import { requires } from '../support/requires.js';
import type { SessionReport } from './reconnecting-program.js';

const PROGRAM = fileURLToPath(new URL('./reconnecting-program.js', import.meta.url));
const WARM_UP = 20;
const RECONNECTS = 200;
const MAX_GROWTH_BYTES = 2 * 1024 * 1024;

describe('many reconnects of one camera', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let simulator: SimulatorServer;

  before(async () => {
    simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
  });

  after(() => cleanup.run());

  test(`memory grows by less than 2 MB after the first ${WARM_UP} of ${RECONNECTS}`, async () => {
    const clip = await loadClip((await numberedClip({ width: 320, height: 180, frames: 100, gop: 25 })).path);
    const mount = simulator.addMount('/camera', clip);
    const child = cleanup.add(fork(PROGRAM, [mount.url], { execArgv: ['--expose-gc'] }), end);
    const memory: number[] = [];
    for await (const [report] of on(child, 'message', { close: ['exit'] }) as AsyncIterable<[SessionReport]>) {
      memory.push(report.memoryBytes);
      if (memory.length === RECONNECTS) break;
      mount.killSessions();
    }
    assert.equal(memory.length, RECONNECTS, 'Expected the program to reconnect to the end');
    // Single values vary by what happens to be in flight.
    const growth = median(memory.slice(-WARM_UP)) - median(memory.slice(WARM_UP, 2 * WARM_UP));
    assert.ok(growth < MAX_GROWTH_BYTES, `Expected less than 2 MB but it was ${(growth / 2 ** 20).toFixed(1)} MB`);
    assert.equal(mount.playing, 1);
  });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}
