import { toneOf } from './camera-state.js';

/** @typedef {import('./camera-list.js').Camera} Camera */
/** @typedef {import('./camera-list.js').Cause} Cause */

/**
 * What one state does not tell: a camera that is being tried again is still down, for the reason for which it failed
 * before, and since it failed first.
 */
export class Outages {
  /** @type {Map<string, { sinceMs: number, cause?: Cause }>} by camera id */
  #outages = new Map();

  /**
   * The cameras with the outage that each of them is in.
   * @param {Camera[]} cameras
   * @returns {Camera[]}
   */
  note(cameras) {
    const before = this.#outages;
    this.#outages = new Map();
    return cameras.map((camera) => {
      const known = before.get(camera.id);
      const tone = toneOf(camera);
      // Connected but without a picture yet: the outage is not over, and none begins.
      if (tone === 'live' || (tone === 'starting' && !known)) return camera;
      const cause = camera.state.cause ?? known?.cause;
      const outage = { sinceMs: known?.sinceMs ?? camera.state.sinceMs, ...(cause && { cause }) };
      this.#outages.set(camera.id, outage);
      return { ...camera, outage };
    });
  }
}
