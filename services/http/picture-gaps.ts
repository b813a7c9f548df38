import type { DecodeMode } from '../stream/decode-backend.js';
import { slotOf } from '../jpeg/frame-slots.js';

/**
 * Counts the pictures of one camera that a viewer was not sent because a newer one took their place: its link, or this
 * server, was slower than the camera. What it has not asked for does not count.
 */
export class PictureGaps {
  /** Of a camera of which only keyframes are decoded, sequences do not tell which pictures there were. */
  readonly #isCounted: boolean;
  #last: { readonly sequence: number; readonly atMs: number } | undefined;

  constructor(decode: DecodeMode) {
    this.#isCounted = decode !== 'keyframes';
  }

  /**
   * A picture is sent now; returns how many were left out since the one before.
   * @param fps pictures a second that the viewer has asked for; all when undefined
   */
  sent(sequence: number, fps: number | undefined, nowMs: number): number {
    const before = this.#last;
    this.#last = { sequence, atMs: nowMs };
    if (before === undefined || !this.#isCounted) return 0;
    const slots = fps === undefined ? Infinity : slotOf(fps, nowMs) - slotOf(fps, before.atMs);
    return Math.max(0, Math.min(sequence - before.sequence, slots) - 1);
  }

  /** Nothing is left out before the next one: the camera gave none, or the viewer wanted none. */
  interrupt(): void {
    this.#last = undefined;
  }
}
