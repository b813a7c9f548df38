import { setTimeout as delay } from 'node:timers/promises';
import { startServer, startSimulator } from './support/programs.js';
import { percentile } from './support/statistics.js';

const SNAPSHOTS = { cold: 100, warm: 200 };
/** The decoder closes so soon after a request that the next one finds it cold. */
const SHORT_LINGER_MS = 1;

export interface SnapshotResult {
  readonly coldMs: readonly number[];
  readonly warmMs: readonly number[];
  /** X-Frame-Age-Ms of the warm ones. */
  readonly ageMs: readonly number[];
}

/** How long a snapshot takes with the decoder closed, at any place of the group of pictures, and with it warm. */
export async function measureSnapshots(
  clip: string,
  environment: NodeJS.ProcessEnv = {},
  count = SNAPSHOTS,
): Promise<SnapshotResult> {
  const simulator = await startSimulator(clip, 1);
  try {
    const coldMs: number[] = [];
    const cold = await startServer(simulator.urls, { ...environment, DECODE_LINGER_MS: String(SHORT_LINGER_MS) });
    await takeSnapshot(cold.address);
    for (let i = 0; i < count.cold; i++) {
      // Another place in the group each time: a prime stride over its 2 s.
      await delay(530);
      coldMs.push((await takeSnapshot(cold.address)).responseMs);
    }
    await cold.stop();

    const warm = await startServer(simulator.urls, environment);
    const warmSnapshots = [];
    await takeSnapshot(warm.address);
    for (let i = 0; i < count.warm; i++) {
      await delay(47);
      warmSnapshots.push(await takeSnapshot(warm.address));
    }
    await warm.stop();
    return {
      coldMs,
      warmMs: warmSnapshots.map(({ responseMs }) => responseMs),
      ageMs: warmSnapshots.map(({ ageMs }) => ageMs),
    };
  } finally {
    await simulator.stop();
  }
}

/** Asks until there is a picture. */
async function takeSnapshot(address: string): Promise<{ responseMs: number; ageMs: number }> {
  for (;;) {
    const startMs = performance.now();
    const response = await fetch(`${address}/cameras/camera-1/snapshot.jpg`);
    await response.arrayBuffer();
    const responseMs = performance.now() - startMs;
    if (response.ok) return { responseMs, ageMs: Number(response.headers.get('x-frame-age-ms')) };
    await delay(100);
  }
}

export function summarize(values: readonly number[]): string {
  return [0.5, 0.9, 0.99].map((p) => percentile(values, p).toFixed(1)).join(' / ');
}
