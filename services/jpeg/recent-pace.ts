/** With few pictures a second, a pause between two does not wear out what is known. */
const LONGEST_PAUSE_MS = 80;

/** How many milliseconds a unit of work has taken lately. Time is what the caller says it is. */
export class RecentPace {
  readonly #memoryMs: number;
  #ms = 0;
  #units = 0;
  #atMs = 0;

  /** What is as old as `memoryMs` weighs a third of what is new. */
  constructor(memoryMs: number) {
    this.#memoryMs = memoryMs;
  }

  add(units: number, ms: number, nowMs: number): void {
    const kept = this.#kept(ms, nowMs);
    this.#ms = this.#ms * kept + ms;
    this.#units = this.#units * kept + units;
    this.#atMs = nowMs;
  }

  /** Takes over what another one knows. */
  become(other: RecentPace): void {
    this.#ms = other.#ms;
    this.#units = other.#units;
    this.#atMs = other.#atMs;
  }

  /** Undefined before the first measurement. */
  get msPerUnit(): number | undefined {
    return this.#units === 0 ? undefined : this.#ms / this.#units;
  }

  /** What `msPerUnit` would be after that measurement. */
  msPerUnitWith(units: number, ms: number, nowMs: number): number {
    const kept = this.#kept(ms, nowMs);
    return (this.#ms * kept + ms) / (this.#units * kept + units);
  }

  #kept(ms: number, nowMs: number): number {
    const elapsedMs = Math.max(ms, Math.min(nowMs - this.#atMs, LONGEST_PAUSE_MS));
    return Math.exp(-elapsedMs / this.#memoryMs);
  }
}
