import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const READ_INTERVAL_MS = 100;
/** For so long memory does not fall any more. */
const REST_MS = 2000;

/** What a process holds; proc(5). */
export interface ProcessLevel {
  readonly threads: number;
  readonly descriptors: number;
  readonly memoryMiB: number;
}

export function processLevel(pid: number): ProcessLevel {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)![1]);
  return {
    threads: field('Threads'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    memoryMiB: field('VmRSS') / 1024,
  };
}

/** V8 unmaps what it has collected on threads of its own, which on a busy machine takes them a while. */
export async function restingLevel(pid: number): Promise<ProcessLevel> {
  let lowest = processLevel(pid);
  for (let restedMs = 0; restedMs < REST_MS; restedMs += READ_INTERVAL_MS) {
    await delay(READ_INTERVAL_MS);
    const level = processLevel(pid);
    if (level.memoryMiB >= lowest.memoryMiB) continue;
    lowest = level;
    restedMs = 0;
  }
  return lowest;
}

/** Each kind's growth, as a share of `before`. */
export function growth(before: ProcessLevel, after: ProcessLevel): Record<keyof ProcessLevel, number> {
  const of = (kind: keyof ProcessLevel): number => after[kind] / before[kind] - 1;
  return { threads: of('threads'), descriptors: of('descriptors'), memoryMiB: of('memoryMiB') };
}
