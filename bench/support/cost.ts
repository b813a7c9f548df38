import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from './monotonic.js';
import { treeCpuTimeMs } from './process-usage.js';

/** The CPU that processes and their descendants take while `work` runs, in % of one core. */
export async function cpuDuring(pids: readonly number[], work: Promise<unknown>): Promise<number> {
  const before = treeCpuTimeMs(pids);
  const startMs = monotonicMs();
  await work;
  return (100 * (treeCpuTimeMs(pids) - before)) / (monotonicMs() - startMs);
}

/** The same for so long. */
export function cpuFor(pids: readonly number[], ms: number): Promise<number> {
  return cpuDuring(pids, delay(ms));
}
