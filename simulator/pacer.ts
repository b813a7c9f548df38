/** Something that happens again and again at times it knows. */
export interface Paced {
  /** When it is due next, on the clock of `performance.now()`. */
  readonly dueMs: number;
  /** Does what is due at `nowMs` and moves `dueMs` past it. */
  advance(nowMs: number): void;
}

/** Wake-ups are at least this far apart, so that their number does not grow with the number of cameras. */
const MIN_SLEEP_MS = 4;

/** One timer for all that is paced: it sleeps until the earliest is due, and does not run while there is nothing. */
export class Pacer {
  readonly #paced = new Set<Paced>();
  #timer: NodeJS.Timeout | undefined;

  add(paced: Paced): void {
    this.#paced.add(paced);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#wake, 0);
  }

  delete(paced: Paced): void {
    this.#paced.delete(paced);
  }

  readonly #wake = (): void => {
    const nowMs = performance.now();
    let earliestMs = Infinity;
    for (const paced of this.#paced) {
      if (paced.dueMs <= nowMs) paced.advance(nowMs);
      earliestMs = Math.min(earliestMs, paced.dueMs);
    }
    this.#timer = undefined;
    if (this.#paced.size === 0) return;
    this.#timer = setTimeout(this.#wake, Math.max(MIN_SLEEP_MS, Math.ceil(earliestMs - performance.now())));
  };
}
