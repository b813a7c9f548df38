import { readdirSync, readFileSync } from 'node:fs';

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

/** Each kind's growth, as a share of `before`. */
export function growth(before: ProcessLevel, after: ProcessLevel): Record<keyof ProcessLevel, number> {
  const of = (kind: keyof ProcessLevel): number => after[kind] / before[kind] - 1;
  return { threads: of('threads'), descriptors: of('descriptors'), memoryMiB: of('memoryMiB') };
}
