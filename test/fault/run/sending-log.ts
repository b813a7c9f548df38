import type { Mount } from '../../../simulator/mount.js';
import { sentAtMs } from '../../support/burnt-in-clock.js';

/** Of each access unit, the newest: a receipt is judged soon, and a camera that runs for hours is no leak of ours. */
const SENDINGS_KEPT = 16;

/** When a camera sent what, lately. */
export class SendingLog {
  /** Unix times in milliseconds at which an access unit was sent, by its index in the clip. */
  readonly #times: readonly number[][];

  constructor(mount: Mount) {
    this.#times = mount.clip.accessUnits.map(() => []);
    mount.on('sent', (accessUnit) => {
      const times = this.#times[accessUnit]!;
      times.push(sentAtMs(mount, accessUnit));
      if (times.length > SENDINGS_KEPT) times.shift();
    });
  }

  /** How far a Unix time is from the nearest sending of that access unit; without end where it was never sent. */
  distanceMs(accessUnit: number, unixMs: number): number {
    return Math.min(...this.#times[accessUnit]!.map((sendingMs) => Math.abs(unixMs - sendingMs)));
  }
}
