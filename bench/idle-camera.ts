import { setTimeout as delay } from 'node:timers/promises';
import { cpuTimeMs, proportionalSetKiB } from './support/process-usage.js';
import { startDemuxLoop, startServer, startSimulator, type Program } from './support/programs.js';
import { median } from './support/statistics.js';

const SETTLE_MS = 3_000;
const MEASURE_MS = 10_000;
const ROUNDS = 5;

interface CameraList {
  readonly cameras: readonly { readonly state: { readonly name: string }; readonly ring: { readonly bytes: number } }[];
}

export interface IdleResult {
  readonly cameras: number;
  /** CPU milliseconds a camera and second. */
  readonly demuxLoopMs: number;
  readonly serverMs: number;
  /** Memory a camera adds to the process, its GOP ring taken off, in KiB. */
  readonly serverKiB: number;
  readonly demuxLoopKiB: number;
}

/**
 * What a connected camera costs while nobody asks, beside libavformat's bare demux loop over the same cameras. Both
 * run at the same time and are measured in the same intervals, so that noise on the machine meets both.
 */
export async function measureIdleCameras(clip: string, cameras: number): Promise<IdleResult> {
  const simulator = await startSimulator(clip, cameras);
  const [one] = simulator.urls;
  const demuxLoop = await startDemuxLoop(simulator.urls);
  const demuxBase = await startDemuxLoop([one!]);
  const server = await startServer(simulator.urls);
  const base = await startServer([one!]);
  try {
    const ringBytes = await whenAllLive(server.address, cameras);
    const baseRingBytes = await whenAllLive(base.address, 1);
    await delay(SETTLE_MS);
    const loopMs: number[] = [];
    const serverMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [loop, own] = await Promise.all([cpuShare(demuxLoop, demuxBase, cameras), cpuShare(server, base, cameras)]);
      loopMs.push(loop);
      serverMs.push(own);
    }
    const grownKiB = (large: Program, small: Program): number =>
      (proportionalSetKiB(large.pid) - proportionalSetKiB(small.pid)) / (cameras - 1);
    return {
      cameras,
      demuxLoopMs: median(loopMs),
      serverMs: median(serverMs),
      serverKiB: grownKiB(server, base) - (ringBytes - baseRingBytes) / 1024 / (cameras - 1),
      demuxLoopKiB: grownKiB(demuxLoop, demuxBase),
    };
  } finally {
    await Promise.all([base, server, demuxBase, demuxLoop].map((program) => program.stop()));
    await simulator.stop();
  }
}

/** CPU milliseconds a second for each camera that `large` has more than `small` (one camera), which is the base. */
async function cpuShare(large: Program, small: Program, cameras: number): Promise<number> {
  const before = cpuTimeMs(large.pid) - cpuTimeMs(small.pid);
  const startMs = performance.now();
  await delay(MEASURE_MS);
  const usedMs = cpuTimeMs(large.pid) - cpuTimeMs(small.pid) - before;
  return (usedMs * 1000) / (performance.now() - startMs) / (cameras - 1);
}

/** Bytes in all rings once every camera is live. */
async function whenAllLive(address: string, cameras: number): Promise<number> {
  for (;;) {
    const list = (await (await fetch(`${address}/cameras`)).json()) as CameraList;
    if (list.cameras.filter((camera) => camera.state.name === 'live').length === cameras) {
      return list.cameras.reduce((sum, camera) => sum + camera.ring.bytes, 0);
    }
    await delay(200);
  }
}
