import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import { manyRuns } from '../exit/many-runs.js';
import { drivenBy, isStandIn, missingCard } from '../support/card.js';
import { Cleanup } from '../support/cleanup.js';
import { FramewellServer } from '../support/framewell-server.js';
import { requires } from '../support/requires.js';
import type { WayOut } from './decoding-program.js';
import { STILL_CLIPS, stillClip } from './still-clips.js';

const PROGRAM = fileURLToPath(new URL('./decoding-program.js', import.meta.url));
const RUNS = missingCard() || isStandIn() ? 2 : 50;
const READY_TIMEOUT_MS = 20_000;
const EXIT_TIMEOUT_MS = 5_000;

const WAYS: readonly { readonly way: WayOut; readonly code: number | null; readonly signal: string | null }[] = [
  { way: 'SIGTERM', code: null, signal: 'SIGTERM' },
  { way: 'process.exit', code: 7, signal: null },
  { way: 'uncaught error', code: 1, signal: null },
  { way: 'natural end', code: 0, signal: null },
];

describe(`leaving with cameras on the card (${drivenBy()})`, { skip: requires('gpu') }, () => {
  const cleanup = new Cleanup();
  let url: string;

  before(async () => {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    url = simulator.addMount('/camera', await loadClip(await stillClip(STILL_CLIPS[0]!))).url;
  });

  after(() => cleanup.run());

  for (const { way, code, signal } of WAYS) {
    test(`a program, by ${way}, ${RUNS} times`, async () => {
      await manyRuns(async () => {
        const child = fork(PROGRAM, [url, way], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
        let errors = '';
        child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text));
        try {
          await once(child, 'message', { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
          const exited = once(child, 'exit', { signal: AbortSignal.timeout(EXIT_TIMEOUT_MS) });
          if (way === 'SIGTERM') child.kill(way);
          else child.send('leave');
          assert.deepEqual(await exited, [code, signal], errors);
          if (way !== 'uncaught error') assert.equal(errors, '');
        } finally {
          child.kill('SIGKILL');
        }
      }, RUNS);
    });
  }

  test(`the server, by SIGTERM, ${RUNS} times`, async () => {
    await manyRuns(async () => {
      const ids = ['a', 'b', 'c', 'd'];
      const server = await FramewellServer.start({
        cameras: ids.map((id) => ({ id, url, decode: 'always' as const })),
        environment: { ENGINE: 'cuda' },
      });
      try {
        for (const id of ids) {
          await server.untilState(id, 'live', READY_TIMEOUT_MS);
          assert.equal((await server.snapshot(id)).status, 200);
        }
      } finally {
        // Fails unless the server exits with 0 in time.
        await server.stop();
      }
    }, RUNS);
  });
});
