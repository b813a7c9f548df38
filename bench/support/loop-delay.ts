/**
 * Loaded into the server by `--import`: how late its event loop is, told over the IPC channel to whoever asks. Each
 * answer is of the time since the last one.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;

export interface LoopDelay {
  readonly p99Ms: number;
  readonly maxMs: number;
}

const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();
process.on('message', () => {
  // What it records is from one of its timer's calls to the next, the timer's own interval included.
  const lateMs = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  process.send!({ p99Ms: lateMs(histogram.percentile(99)), maxMs: lateMs(histogram.max) } satisfies LoopDelay);
  histogram.reset();
});
// The server ends when it wants to.
process.channel!.unref();
