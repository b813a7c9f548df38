import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { projectRoot } from '../services/project-root.js';
import { seededRandom } from '../simulator/seeded-random.js';
import { processLevel } from '../test/fault/run/process-level.js';
import { untilLive } from './support/api.js';
import { ClockCameras } from './support/clock-cameras.js';
import { makeClockClip, SMALL_CLIP } from './support/clock-clip.js';
import { cpuFor } from './support/cost.js';
import type { LoopDelay } from './support/loop-delay.js';
import { monotonicMs } from './support/monotonic.js';
import { proportionalSetKiB } from './support/process-usage.js';
import { startServer, type Server } from './support/programs.js';

const SNAPSHOTS_PER_SECOND = 20;
const SETTLE_MS = 5_000;
const LIVE_LIMIT_MS = 180_000;
/** So long that every camera that is down has reached its longest waits between two tries. */
const WITHOUT_POWER_MS = 20_000;
/** Of all cameras. */
const SHARE_KILLED = 0.3;
const LOOP_DELAY = pathToFileURL(join(projectRoot, 'dist/bench/support/loop-delay.js')).href;

export interface ManyCamerasResult {
  readonly cameras: number;
  readonly killed: number;
  /** Since the server's process was started. */
  readonly allLiveMs: number;
  /** In % of one core while nobody asks. */
  readonly cpu: number;
  readonly residentMiB: number;
  readonly proportionalMiB: number;
  readonly idleLoop: LoopDelay;
  readonly snapshotMs: readonly number[];
  readonly snapshotFailures: number;
  readonly snapshotLoop: LoopDelay;
  /** Tries to connect in the second that had most of them, while the cameras had no power and after they had it. */
  readonly triesWithoutPower: number;
  readonly triesAtReturn: number;
  readonly returnMs: number;
}

/** What so many idle cameras cost, in % of one core. */
export async function measureIdleCpu(count: number, ms: number): Promise<number> {
  const cameras = await ClockCameras.start(await makeClockClip(SMALL_CLIP), count);
  const server = await startServer(cameras.urls);
  try {
    await untilLive(server.address, count, LIVE_LIMIT_MS);
    await delay(SETTLE_MS);
    return await cpuFor([server.pid], ms);
  } finally {
    await server.stop();
    await cameras.stop();
  }
}

/** One server with many cameras: their coming, rest, snapshots, and the loss and return of a third of them. */
export async function measureManyCameras(count: number, ms: number): Promise<ManyCamerasResult> {
  const killed = Math.round(count * SHARE_KILLED);
  const cameras = await ClockCameras.start(await makeClockClip(SMALL_CLIP), count - killed, killed);
  const startMs = monotonicMs();
  const server = await startServer(cameras.urls, { NODE_OPTIONS: `--import=${LOOP_DELAY}` });
  try {
    await untilLive(server.address, count, LIVE_LIMIT_MS);
    const allLiveMs = monotonicMs() - startMs;
    await delay(SETTLE_MS);
    await loopDelay(server);
    const cpu = await cpuFor([server.pid], ms);
    const idleLoop = await loopDelay(server);
    const residentMiB = processLevel(server.pid).memoryMiB;
    const proportionalMiB = proportionalSetKiB(server.pid) / 1024;

    const snapshots = await takeRandomSnapshots(server, count, ms);
    const snapshotLoop = await loopDelay(server);

    const offAtMs = monotonicMs();
    await cameras.powerOff(1);
    await delay(WITHOUT_POWER_MS);
    const onAtMs = monotonicMs();
    await cameras.powerOn(1);
    const returnMs = await untilLive(server.address, count, LIVE_LIMIT_MS);
    const tries = await cameras.attemptsAtMs(1);
    return {
      ...{ cameras: count, killed, allLiveMs, cpu, residentMiB, proportionalMiB, idleLoop, snapshotLoop, returnMs },
      snapshotMs: snapshots.ms,
      snapshotFailures: snapshots.failures,
      triesWithoutPower: mostInASecond(tries.filter((atMs) => atMs >= offAtMs && atMs < onAtMs)),
      triesAtReturn: mostInASecond(tries.filter((atMs) => atMs >= onAtMs)),
    };
  } finally {
    await server.stop();
    await cameras.stop();
  }
}

/** Since it was last asked. */
async function loopDelay({ child }: Server): Promise<LoopDelay> {
  const answer = once(child, 'message') as Promise<[LoopDelay]>;
  child.send('loop delay');
  return (await answer)[0];
}

/** At even intervals, whether those before have been answered or not. */
async function takeRandomSnapshots(server: Server, count: number, ms: number) {
  const random = seededRandom(count);
  const agent = new Agent({ keepAlive: true });
  const answers: Promise<{ ok: boolean; ms: number }>[] = [];
  const beginMs = monotonicMs();
  for (let asked = 0; (asked * 1000) / SNAPSHOTS_PER_SECOND < ms; asked++) {
    await delay(Math.max(0, beginMs + (asked * 1000) / SNAPSHOTS_PER_SECOND - monotonicMs()));
    const camera = 1 + Math.floor(random() * count);
    answers.push(takeSnapshot(`${server.address}/cameras/camera-${camera}/snapshot.jpg`, agent));
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return { ms: all.map((answer) => answer.ms), failures: all.filter(({ ok }) => !ok).length };
}

async function takeSnapshot(url: string, agent: Agent): Promise<{ ok: boolean; ms: number }> {
  const beginMs = monotonicMs();
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  return { ok: response.statusCode === 200, ms: monotonicMs() - beginMs };
}

function mostInASecond(timesMs: readonly number[]): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  let begin = 0;
  let most = 0;
  for (const [end, atMs] of sorted.entries()) {
    while (sorted[begin]! <= atMs - 1000) begin++;
    most = Math.max(most, end - begin + 1);
  }
  return most;
}
