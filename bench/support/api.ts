import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from './monotonic.js';

const POLL_MS = 250;

interface CameraList {
  readonly cameras: readonly { readonly state: { readonly name: string } }[];
}

/** How long it takes until so many of a server's cameras are live, in milliseconds. Throws an Error after `limitMs`. */
export async function untilLive(address: string, cameras: number, limitMs: number): Promise<number> {
  const beginMs = monotonicMs();
  for (;;) {
    const response = await fetch(`${address}/cameras`);
    const list = ((await response.json()) as CameraList).cameras;
    const live = list.filter(({ state }) => state.name === 'live').length;
    const passedMs = monotonicMs() - beginMs;
    if (live === cameras) return passedMs;
    if (passedMs > limitMs) throw new Error(`Expected ${cameras} live cameras within ${limitMs} ms but ${live} are`);
    await delay(POLL_MS);
  }
}
