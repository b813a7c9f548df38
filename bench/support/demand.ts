import { setTimeout as delay } from 'node:timers/promises';
import type { RunningPeer } from '../peers/peer.js';
import { monotonicMs } from './monotonic.js';
import type { ReceivedPicture } from './picture-clock.js';

const SNAPSHOT_INTERVAL_MS = 1_000;
/** For the first picture; go2rtc starts an FFmpeg for each. */
const FIRST_PICTURE_MS = 30_000;
/** A whole picture of so many is kept for reading its number: all would be gigabytes. */
const KEPT_SHARE = 5;

export interface Snapshots {
  readonly pictures: readonly ReceivedPicture[];
  readonly responseMs: readonly number[];
  /** Requests that got no picture. */
  readonly failures: number;
}

/** Asks for a snapshot a second of each camera, and not before the last one has been answered. */
export async function takeSnapshots(peer: RunningPeer, cameras: number, ms: number): Promise<Snapshots> {
  const pictures: ReceivedPicture[] = [];
  const responseMs: number[] = [];
  let failures = 0;
  const endMs = monotonicMs() + ms;
  const takeAll = async (camera: number): Promise<void> => {
    await delay((camera * SNAPSHOT_INTERVAL_MS) / cameras);
    while (monotonicMs() < endMs) {
      const askedAtMs = monotonicMs();
      try {
        const jpeg = await peer.snapshot(camera);
        const atMs = monotonicMs();
        responseMs.push(atMs - askedAtMs);
        pictures.push({ camera, jpeg, atMs });
      } catch {
        failures++;
      }
      await delay(Math.max(0, askedAtMs + SNAPSHOT_INTERVAL_MS - monotonicMs()));
    }
  };
  await Promise.all(Array.from({ length: cameras }, (_, camera) => takeAll(camera)));
  return { pictures, responseMs, failures };
}

/** Until every camera has given a snapshot. Throws an Error when one does not. */
export async function untilPictures(peer: RunningPeer, cameras: number): Promise<void> {
  const deadlineMs = monotonicMs() + FIRST_PICTURE_MS;
  const untilPicture = async (camera: number): Promise<void> => {
    for (;;) {
      try {
        await peer.snapshot(camera);
        return;
      } catch (error) {
        if (monotonicMs() > deadlineMs) throw error;
        await delay(200);
      }
    }
  };
  await Promise.all(Array.from({ length: cameras }, (_, camera) => untilPicture(camera)));
}

/** Viewers of a peer, who take every picture that they are given. */
export class Viewers {
  readonly #leave: readonly (() => void)[];
  /** Pictures since the last `restart()`, by viewer. */
  #counts: number[];
  #bytes = 0;
  #kept: ReceivedPicture[] = [];

  /** One of each of these cameras. */
  constructor(peer: RunningPeer, cameras: readonly number[]) {
    this.#counts = cameras.map(() => 0);
    this.#leave = cameras.map((camera, viewer) =>
      peer.watch(camera, (jpeg) => {
        const atMs = monotonicMs();
        this.#bytes += jpeg.length;
        if (this.#counts[viewer]!++ % KEPT_SHARE === 0) this.#kept.push({ camera, jpeg: Buffer.from(jpeg), atMs });
      }),
    );
  }

  /** Resolves when all have been given a picture. Throws an Error when one is not. */
  async untilPictures(): Promise<void> {
    const deadlineMs = monotonicMs() + FIRST_PICTURE_MS;
    while (this.#counts.includes(0)) {
      if (monotonicMs() > deadlineMs) throw new Error('Expected a picture for each viewer but some got none');
      await delay(50);
    }
  }

  restart(): void {
    this.#counts = this.#counts.map(() => 0);
    this.#bytes = 0;
    this.#kept = [];
  }

  /** Since the last `restart()`, by viewer. */
  get counts(): readonly number[] {
    return [...this.#counts];
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Every fifth. */
  get kept(): readonly ReceivedPicture[] {
    return [...this.#kept];
  }

  leave(): void {
    for (const leave of this.#leave) leave();
  }
}
