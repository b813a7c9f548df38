/** What `npm run bench:scale` measures beside what it should be; the numbers are those of docs/benchmarks.md. */
import { OVERLOAD_CAMERAS, type OverloadResult } from './overload.js';
import { atLeast, atMost, type Goal } from './support/goals.js';
import { percentile } from './support/statistics.js';
import type { ManyCamerasResult } from './thousand-cameras.js';
import type { ViewersResult } from './viewers.js';

/**
 * Sixteen cameras connect at once, none of them for less than a quarter of a second: 64 tries in one. They arrive in
 * batches, and a fifth one may come just before the second is over.
 */
const MOST_TRIES_PER_SECOND = 80;
/** What the contract of a snapshot holds by default; docs/snapshots.md. */
const MAX_AGE_MS = 2000;
const MAX_WAIT_MS = 1500;

export function goalsOfManyCameras(result: ManyCamerasResult): Goal[] {
  const { cameras, killed, idleLoop, snapshotLoop, snapshotMs, snapshotFailures } = result;
  const goals = [
    atMost(60, 's', 'all live after', result.allLiveMs / 1000),
    atMost(25, '% of one core', 'CPU while nobody asks', result.cpu),
    atMost(1430, 'MiB', 'memory, resident', result.residentMiB),
    atMost(250, 'ms', '20 snapshots a second, p99', percentile(snapshotMs, 0.99)),
    atMost(0, '', 'snapshots without a picture', snapshotFailures),
    atMost(30, 'ms', 'event loop late by, p99, idle', idleLoop.p99Ms),
    atMost(30, 'ms', 'event loop late by, p99, with snapshots', snapshotLoop.p99Ms),
    atMost(60, 's', `all live again after ${killed} had no power`, result.returnMs / 1000),
    atMost(MOST_TRIES_PER_SECOND, '', 'most tries in a second meanwhile', result.triesWithoutPower),
    atMost(MOST_TRIES_PER_SECOND, '', 'most that came to play in a second at their return', result.triesAtReturn),
  ];
  return goals.map((goal) => ({ ...goal, what: `5. ${cameras} cameras: ${goal.what}` }));
}

/** Of one and ten viewers. */
export function goalsOfViewers(results: readonly ViewersResult[]): Goal[] {
  const cpuOf = (count: number): number => results.find(({ viewers }) => viewers === count)!.cpu;
  return [atMost(1.2, 'times', '3. CPU of ten viewers of one camera to that of one', cpuOf(10) / cpuOf(1))];
}

export function goalsOfOverload(result: OverloadResult): Goal[] {
  const { fps, ageMs, snapshotMs, snapshotAgeMs, snapshotFailures } = result;
  const goals = [
    atLeast(0.8, '', 'least pictures of a camera to the most', Math.min(...fps) / Math.max(...fps)),
    atMost(100, 'ms', 'picture age, p95', percentile(ageMs, 0.95)),
    atMost(0, '', 'snapshots without a picture', snapshotFailures),
    atMost(MAX_AGE_MS, 'ms', 'snapshot age, p99', percentile(snapshotAgeMs, 0.99)),
    atMost(MAX_WAIT_MS, 'ms', 'snapshot response, p99', percentile(snapshotMs, 0.99)),
  ];
  return goals.map((goal) => ({ ...goal, what: `3. ${OVERLOAD_CAMERAS} cameras with viewers: ${goal.what}` }));
}
