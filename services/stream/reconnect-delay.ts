/** First wait after a failure, in milliseconds. */
const BASE_MS = 500;
/** Longest wait, in milliseconds. */
const MAX_MS = 30_000;
/** How long pictures must have come before a failure counts as the first again, in milliseconds. */
const SUSTAINED_MS = 30_000;

/**
 * How long to wait before the next try: exponential, with jitter so that cameras which failed together (a power cut)
 * do not come back together. A camera that connects, shows a picture and fails again keeps its long waits: only
 * sustained frames reset them.
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

  /**
   * A session has ended. Returns the wait in milliseconds: between half and all of the exponential step, so that it
   * is never next to nothing.
   * @param liveForMs how long the session had been live
   */
  afterSession(liveForMs: number): number {
    if (liveForMs >= SUSTAINED_MS) this.#failures = 0;
    const stepMs = Math.min(MAX_MS, BASE_MS * 2 ** this.#failures);
    this.#failures += 1;
    return Math.round(stepMs * (0.5 + this.#random() / 2));
  }
}
