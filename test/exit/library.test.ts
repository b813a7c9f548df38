import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Cleanup } from '../support/cleanup.js';
import { requires } from '../support/requires.js';
import { startExitCameras, type ExitCameras } from './exit-cameras.js';
import { manyRuns, RUNS } from './many-runs.js';
import type { WayOut } from './program.js';

const PROGRAM = fileURLToPath(new URL('./program.js', import.meta.url));
const READY_TIMEOUT_MS = 20_000;
const EXIT_TIMEOUT_MS = 3000;

const WAYS: readonly { readonly way: WayOut; readonly code: number | null; readonly signal: string | null }[] = [
  // A program without handlers of its own: the library installs none either.
  { way: 'SIGTERM', code: null, signal: 'SIGTERM' },
  { way: 'SIGINT', code: null, signal: 'SIGINT' },
  { way: 'process.exit', code: 7, signal: null },
  { way: 'uncaught error', code: 1, signal: null },
  { way: 'stop', code: 0, signal: null },
  { way: 'close', code: 0, signal: null },
];

describe('a program with cameras in every state leaves', { skip: requires('ffmpeg') }, () => {
  const cleanup = new Cleanup();
  let cameras: ExitCameras;

  before(async () => {
    cameras = await startExitCameras(cleanup);
  });

  after(() => cleanup.run());

  for (const { way, code, signal } of WAYS) {
    test(`by ${way}, ${RUNS} times`, async () => {
      await manyRuns(async () => {
        const child = fork(PROGRAM, [JSON.stringify(cameras), way], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
        let errors = '';
        child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text));
        try {
          await once(child, 'message', { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
          const exited = once(child, 'exit', { signal: AbortSignal.timeout(EXIT_TIMEOUT_MS) });
          leave(child, way);
          assert.deepEqual(await exited, [code, signal], errors);
          if (way === 'uncaught error') assert.match(errors, /nobody catches this/);
          else assert.equal(errors, '');
        } finally {
          child.kill('SIGKILL');
        }
      });
    });
  }
});

function leave(child: ChildProcess, way: WayOut): void {
  if (way === 'SIGTERM' || way === 'SIGINT') child.kill(way);
  else child.send('leave');
}
