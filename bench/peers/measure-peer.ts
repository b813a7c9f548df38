import { setTimeout as delay } from 'node:timers/promises';
import type { ClockCameras } from '../support/clock-cameras.js';
import { cpuDuring, cpuFor } from '../support/cost.js';
import { takeSnapshots, untilPictures, Viewers } from '../support/demand.js';
import { agesOf, type Likeness } from '../support/picture-clock.js';
import { treeProportionalSetKiB } from '../support/process-usage.js';
import type { Peer } from './peer.js';

/** Connections, caches and bit rates come to rest. */
const SETTLE_MS = 3_000;
/** What is ready for another request is put away: framewell's decoders keep up with their cameras for 5 s. */
const IDLE_SETTLE_MS = 8_000;

/** CPU in % of one core, memory in MiB, both for each camera; times in milliseconds. */
export interface PeerFigures {
  readonly idleCpu: number;
  readonly snapshotCpu: number;
  readonly viewerCpu: number;
  readonly idleMiB: number;
  readonly viewerMiB: number;
  /** Of each camera in a second. */
  readonly snapshotRate: number;
  readonly viewerFps: number;
  readonly responseMs: readonly number[];
  readonly snapshotAgeMs: readonly number[];
  readonly viewerAgeMs: readonly number[];
  /** Of a viewer's picture. */
  readonly bytes: number;
  /** Of a viewer's picture; undefined where none could be compared. */
  readonly psnrDb: number | undefined;
}

/** One peer with these cameras: nobody asks, then a snapshot a second of each, then a viewer of each; so long each. */
export async function measurePeer(
  peer: Peer,
  cameras: ClockCameras,
  likeness: Likeness,
  ms: number,
): Promise<PeerFigures> {
  const count = cameras.urls.length;
  const running = await peer.start(cameras.urls);
  try {
    await untilPictures(running, count);
    await delay(IDLE_SETTLE_MS);
    const idleCpu = await cpuFor(running.pids, ms);
    const idleMiB = treeProportionalSetKiB(running.pids) / 1024;

    await takeSnapshots(running, count, SETTLE_MS);
    const snapshotting = takeSnapshots(running, count, ms);
    const snapshotCpu = await cpuDuring(running.pids, snapshotting);
    const snapshots = await snapshotting;
    const snapshotAgeMs = await agesOf(snapshots.pictures, cameras.clip, await cameras.sentAtMs());

    const viewers = new Viewers(running, [...cameras.urls.keys()]);
    await viewers.untilPictures();
    await delay(SETTLE_MS);
    viewers.restart();
    const viewerCpu = await cpuFor(running.pids, ms);
    const { counts, bytes, kept } = viewers;
    const viewerMiB = treeProportionalSetKiB(running.pids) / 1024;
    viewers.leave();
    const sentAtMs = await cameras.sentAtMs();
    const pictures = counts.reduce((sum, pictureCount) => sum + pictureCount, 0);
    return {
      idleCpu: idleCpu / count,
      snapshotCpu: snapshotCpu / count,
      viewerCpu: viewerCpu / count,
      idleMiB: idleMiB / count,
      viewerMiB: viewerMiB / count,
      snapshotRate: snapshots.pictures.length / count / (ms / 1000),
      viewerFps: pictures / count / (ms / 1000),
      responseMs: snapshots.responseMs,
      snapshotAgeMs,
      viewerAgeMs: await agesOf(kept, cameras.clip, sentAtMs),
      bytes: bytes / pictures,
      psnrDb: await likeness.of(kept),
    };
  } finally {
    await running.stop();
  }
}
