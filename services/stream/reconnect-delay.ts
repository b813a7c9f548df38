/** First wait after a failure, in milliseconds. */
const BASE_MS = 500;
/** Longest wait, in milliseconds. */
const MAX_MS = 30_000;

/**
 * How long to wait before the next try: exponential, with jitter so that cameras which failed together (a power cut)
 * do not come back together.
 */
export class ReconnectDelay {
  readonly #random: () => number;
  #failures = 0;

  /** @param random gives numbers in [0, 1) */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Counts a failure. Returns the wait in milliseconds, which is `fixedMs` instead of the exponential one if given. */
  afterFailure(fixedMs?: number): number {
    const waitMs = fixedMs ?? Math.min(MAX_MS, BASE_MS * 2 ** this.#failures);
    this.#failures += 1;
    return this.#jittered(waitMs);
  }

  /** Between half and all of it, so that no wait is next to nothing. */
  #jittered(waitMs: number): number {
    return Math.round(waitMs * (0.5 + this.#random() / 2));
  }
}
