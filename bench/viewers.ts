import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { framewell } from './peers/framewell.js';
import { ClockCameras } from './support/clock-cameras.js';
import { makeClockClip, PEERS_CLIP } from './support/clock-clip.js';
import { cpuFor } from './support/cost.js';
import { untilPictures, Viewers } from './support/demand.js';
import { agesOf } from './support/picture-clock.js';

const SETTLE_MS = 3_000;

export interface ViewersResult {
  readonly viewers: number;
  /** Of the server, in % of one core. */
  readonly cpu: number;
  /** Of all viewers together. */
  readonly mbitPerSecond: number;
  readonly fps: number;
  readonly ageMs: readonly number[];
}

/** So many full-rate viewers of one camera. The first is looked at closely, of the others the bytes are counted. */
export async function measureViewers(viewerCount: number, ms: number): Promise<ViewersResult> {
  const cameras = await ClockCameras.start(await makeClockClip(PEERS_CLIP), 1);
  const running = await framewell.start(cameras.urls);
  try {
    await untilPictures(running, 1);
    const first = new Viewers(running, [0]);
    const others = Array.from({ length: viewerCount - 1 }, () => drain(running.streamUrl(0)));
    await first.untilPictures();
    await delay(SETTLE_MS);
    first.restart();
    const drainedBefore = sum(others.map(({ bytes }) => bytes()));
    const cpu = await cpuFor(running.pids, ms);
    const drained = sum(others.map(({ bytes }) => bytes())) - drainedBefore;
    const { counts, bytes, kept } = first;
    first.leave();
    for (const { leave } of others) leave();
    const seconds = ms / 1000;
    return {
      ...{ viewers: viewerCount, cpu },
      mbitPerSecond: ((bytes + drained) * 8) / 1e6 / seconds,
      fps: counts[0]! / seconds,
      ageMs: await agesOf(kept, cameras.clip, await cameras.sentAtMs()),
    };
  } finally {
    await running.stop();
    await cameras.stop();
  }
}

/** A viewer who looks at nothing: to cut a hundred streams into pictures would take the cores that are measured. */
function drain(url: string): { readonly bytes: () => number; readonly leave: () => void } {
  let bytes = 0;
  const request = get(url, { agent: false }, (response) => {
    response.on('data', (chunk: Buffer) => (bytes += chunk.length));
    response.on('error', () => undefined);
  });
  request.on('error', () => undefined);
  return { bytes: () => bytes, leave: () => request.destroy() };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
