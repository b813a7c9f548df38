import { setTimeout as delay } from 'node:timers/promises';
import type { Peer } from './peers/peer.js';
import { ClockCameras } from './support/clock-cameras.js';
import { makeClockClip, PEERS_CLIP } from './support/clock-clip.js';
import { takeSnapshots, untilPictures, Viewers } from './support/demand.js';
import { agesOf } from './support/picture-clock.js';

/** Twice what two cores decode and encode. */
export const OVERLOAD_CAMERAS = 16;
const SETTLE_MS = 5_000;

export interface OverloadResult {
  /** Pictures a second of each camera's viewer. */
  readonly fps: readonly number[];
  readonly ageMs: readonly number[];
  /** Of the snapshots that are taken beside the viewers, one a second of each camera. */
  readonly snapshotMs: readonly number[];
  readonly snapshotAgeMs: readonly number[];
  readonly snapshotFailures: number;
}

/** More full-rate viewers than the machine can serve, one of each camera, and snapshots beside them. */
export async function measureOverload(peer: Peer, ms: number): Promise<OverloadResult> {
  const cameras = await ClockCameras.start(await makeClockClip(PEERS_CLIP), OVERLOAD_CAMERAS);
  const running = await peer.start(cameras.urls);
  try {
    await untilPictures(running, OVERLOAD_CAMERAS);
    const viewers = new Viewers(running, [...cameras.urls.keys()]);
    await viewers.untilPictures();
    await delay(SETTLE_MS);
    viewers.restart();
    await delay(ms);
    const { counts, kept } = viewers;
    const viewersSentAtMs = await cameras.sentAtMs();
    const snapshots = await takeSnapshots(running, OVERLOAD_CAMERAS, ms / 2);
    const snapshotsSentAtMs = await cameras.sentAtMs();
    viewers.leave();
    return {
      fps: counts.map((count) => count / (ms / 1000)),
      ageMs: await agesOf(kept, cameras.clip, viewersSentAtMs),
      snapshotMs: snapshots.responseMs,
      snapshotAgeMs: await agesOf(snapshots.pictures, cameras.clip, snapshotsSentAtMs),
      snapshotFailures: snapshots.failures,
    };
  } finally {
    await running.stop();
    await cameras.stop();
  }
}
