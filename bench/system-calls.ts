import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { startServer, startSimulator } from './support/programs.js';

const MEASURE_MS = 8_000;
const FRAMES_PER_SECOND = 25;

/** System calls of the whole server for each frame of each camera, counted by strace; undefined without strace. */
export async function measureSystemCalls(clip: string, cameras: number): Promise<number | undefined> {
  const simulator = await startSimulator(clip, cameras);
  const server = await startServer(simulator.urls);
  try {
    await delay(5_000);
    const strace = spawn('strace', ['-c', '-f', '-p', String(server.pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let report = '';
    strace.stderr.on('data', (chunk: Buffer) => (report += chunk.toString()));
    const closed = once(strace, 'close').catch(() => undefined);
    strace.on('error', () => undefined);
    await delay(MEASURE_MS);
    strace.kill('SIGINT');
    await closed;
    // "100.00    1.234567          12    123456       789 total"
    const calls = /([\d.]+)\s+([\d.]+)\s+(?:\d+\s+)?(\d+)(?:\s+\d+)?\s+total/.exec(report)?.[3];
    return calls === undefined ? undefined : Number(calls) / (cameras * FRAMES_PER_SECOND * (MEASURE_MS / 1000));
  } finally {
    await server.stop();
    await simulator.stop();
  }
}
