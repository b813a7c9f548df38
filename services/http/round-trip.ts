/** RFC 6298 2.3. */
const SMOOTHING = 1 / 8;
const DEVIATION_SMOOTHING = 1 / 4;

/** The way may change, as when a phone leaves the house: the shortest time is that of the last one or two of these. */
const WINDOW_MS = 10_000;

/** How long it takes to the viewer and back when nothing else is on the way. */
export class RoundTrip {
  #smoothedMs: number | undefined;
  #deviationMs = 0;
  #shortestMs = Infinity;
  #shortestBeforeMs = Infinity;
  #windowEndMs = 0;

  add(ms: number, nowMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = ms;
      this.#deviationMs = ms / 2;
    } else {
      this.#deviationMs += (Math.abs(ms - this.#smoothedMs) - this.#deviationMs) * DEVIATION_SMOOTHING;
      this.#smoothedMs += (ms - this.#smoothedMs) * SMOOTHING;
    }
    if (nowMs >= this.#windowEndMs) {
      this.#windowEndMs = nowMs + WINDOW_MS;
      this.#shortestBeforeMs = this.#shortestMs;
      this.#shortestMs = Infinity;
    }
    this.#shortestMs = Math.min(this.#shortestMs, ms);
  }

  /** Undefined before the first measurement, as is `longestMs`. */
  get shortestMs(): number | undefined {
    return this.#smoothedMs === undefined ? undefined : Math.min(this.#shortestMs, this.#shortestBeforeMs);
  }

  /** What goes beyond this is unusual. */
  get longestMs(): number | undefined {
    return this.#smoothedMs === undefined ? undefined : this.#smoothedMs + 2 * this.#deviationMs;
  }
}
