import type { Mount } from '../../../simulator/mount.js';

/** When a camera sent what. */
export class SendingLog {
  /** Unix times in milliseconds at which an access unit's last byte went, by its index in the clip. */
  readonly #times: readonly number[][];

  constructor(mount: Mount) {
    this.#times = mount.clip.accessUnits.map(() => []);
    mount.on('sent', (accessUnit) => this.#times[accessUnit]!.push(Date.now()));
  }

  /** How far a Unix time is from the nearest sending of that access unit; without end where it was never sent. */
  distanceMs(accessUnit: number, unixMs: number): number {
    return Math.min(...this.#times[accessUnit]!.map((sentAtMs) => Math.abs(unixMs - sentAtMs)));
  }
}
