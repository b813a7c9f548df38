/** Long enough for a rate of one a second, short enough to follow a change. */
const WINDOW_MS = 3000;

/** How many pictures come a second, over the last three seconds. */
export class ArrivalRate {
  #arrivals: number[] = [];

  count(nowMs: number): void {
    this.#arrivals = [...this.#arrivals.filter((atMs) => nowMs - atMs <= WINDOW_MS), nowMs];
  }

  /** Undefined until two have come within the window. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#arrivals[0], this.#arrivals.at(-1)];
    if (first === undefined || last === undefined || first === last) return undefined;
    return ((this.#arrivals.length - 1) * 1000) / (last - first);
  }
}
