import { RecentPace } from './recent-pace.js';

/** What the viewer's channels would put on the link at some rung, in units of `relativeBytes`. */
export interface Demand {
  readonly perSecond: number;
  readonly largestPicture: number;
}

/** One picture's way over the link. */
export interface Carried {
  /** The rung that it was made for. */
  readonly rung: number;
  /** Units of `relativeBytes`. */
  readonly size: number;
  /** How long it alone occupied the link, without the way and what was before it. */
  readonly takenMs: number;
}

/**
 * Longest time for which one picture may occupy the link. What is left of 500 ms is for its decoding and encoding, half
 * a round trip, and the wait until the next one takes its place.
 */
export const PICTURE_TARGET_MS = 200;

/** Loads: the ladder goes down at the first at once, at the second if it lasts, to the third, and up to the fourth. */
const FLOODED = 1.4;
const FULL = 1;
const EASED = 0.8;
const ROOMY = 0.7;

/** How long measurements count for what is done at once, and for what has to last. */
const SHORT_MEMORY_MS = 400;
const LONG_MEMORY_MS = 3000;

/** A rung is judged by so many of its own pictures, and not sooner than this. */
const FEWEST_PICTURES = 2;
const SHORTEST_STAY_MS = 200;

/** Most by which what the link has to carry grows in one step up: small pictures say little about large ones. */
const MOST_GROWTH = 3;

/** A step up that is taken back within this time was a mistake; one that lasts for longer was none. */
const PROBATION_MS = 45_000;
/**
 * Unless the load is so many times what was foreseen, and that shows only after a while: the link is another one then. It
 * shows sooner when a shaper in the way let a burst pass.
 */
const OTHER_LINK = 3;
const BURST_MS = 5000;

/** How long a mistake is remembered at first; twice as long each time that it is repeated. */
const FIRST_GRUDGE_MS = 8000;
const LONGEST_GRUDGE_MS = 300_000;
/** What makes up for a mistake: the link has so much more room than when it was made. */
const MUCH_BETTER = 0.6;

interface Mistake {
  /** The load that was foreseen. */
  readonly foreseen: number;
  readonly forMs: number;
  readonly untilMs: number;
}

/**
 * How far the pictures of one link are reduced, from rung 0, which is all that was asked for, to the lowest. Goes down
 * at once, as far as measurements say, and up in steps that have to prove themselves. The load of a link is 1 when it is
 * always busy, or when the largest picture takes `PICTURE_TARGET_MS`.
 *
 * At a constant bandwidth it settles: between going down and up lies a gap that is wider than measurements err, and a
 * step up that failed is not repeated before much has changed or a time has passed that doubles with each failure.
 *
 * Time is what the caller says it is, in milliseconds.
 */
export class QualityLadder {
  readonly #lowest: number;
  readonly #demandAt: (rung: number) => Demand;
  readonly #pace = new RecentPace(SHORT_MEMORY_MS);
  readonly #lastingPace = new RecentPace(LONG_MEMORY_MS);
  #rung = 0;
  #changedAtMs = 0;
  /** Pictures of this rung that arrived since it was entered. */
  #pictures = 0;
  /** The load that was foreseen when this rung was stepped up to; undefined when it was not, or has proved itself. */
  #onProbation: number | undefined;
  readonly #mistakes = new Map<number, Mistake>();

  constructor(lowest: number, demandAt: (rung: number) => Demand) {
    this.#lowest = lowest;
    this.#demandAt = demandAt;
  }

  get rung(): number {
    return this.#rung;
  }

  /** A picture has arrived. */
  arrived({ rung, size, takenMs }: Carried, nowMs: number): void {
    this.#pace.add(size, takenMs, nowMs);
    this.#lastingPace.add(size, takenMs, nowMs);
    if (rung === this.#rung) this.#pictures += 1;
    const pace = this.#pace.msPerUnit!;
    if (pace < this.#lastingPace.msPerUnit! * MUCH_BETTER) this.#lastingPace.become(this.#pace);
    const lastingPace = this.#lastingPace.msPerUnit!;
    const need = this.#need(this.#rung);
    if (pace * need > FLOODED) this.#goDown(pace, nowMs);
    else if (lastingPace * need > FULL) this.#goDown(lastingPace, nowMs);
    else this.#goUp(Math.max(pace, lastingPace), nowMs);
  }

  /** A picture has occupied the link for so long and has not arrived, or would if it were sent. */
  delayed({ size, takenMs }: Omit<Carried, 'rung'>, nowMs: number): void {
    const pace = this.#pace.msPerUnitWith(size, takenMs, nowMs);
    if (pace * this.#need(this.#rung) > FLOODED) this.#goDown(pace, nowMs);
  }

  /** The rung's load on a link that takes a millisecond for a unit. */
  #need(rung: number): number {
    const { perSecond, largestPicture } = this.#demandAt(rung);
    return Math.max(perSecond / 1000, largestPicture / PICTURE_TARGET_MS);
  }

  #goDown(pace: number, nowMs: number): void {
    if (this.#rung === this.#lowest) return;
    const foreseen = this.#onProbation;
    if (foreseen !== undefined) {
      const isSoon = nowMs - this.#changedAtMs < BURST_MS;
      if (isSoon || pace * this.#need(this.#rung) < foreseen * OTHER_LINK) this.#remember(this.#rung, foreseen, nowMs);
    }
    let rung = this.#rung + 1;
    while (rung < this.#lowest && pace * this.#need(rung) > EASED) rung += 1;
    this.#enter(rung, nowMs);
  }

  #goUp(pace: number, nowMs: number): void {
    if (nowMs - this.#changedAtMs > PROBATION_MS) this.#prove();
    if (this.#pictures < FEWEST_PICTURES || nowMs - this.#changedAtMs < SHORTEST_STAY_MS) return;
    const mostNeed = this.#need(this.#rung) * MOST_GROWTH;
    // No camera gives pictures now, and none can prove a rung.
    if (mostNeed === 0) return;
    let rung = this.#rung;
    while (rung > 0 && this.#need(rung - 1) <= mostNeed && this.#mayTry(rung - 1, pace, nowMs)) rung -= 1;
    if (rung === this.#rung) return;
    this.#enter(rung, nowMs);
    this.#onProbation = pace * this.#need(rung);
  }

  #mayTry(rung: number, pace: number, nowMs: number): boolean {
    const load = pace * this.#need(rung);
    const mistake = this.#mistakes.get(rung);
    if (mistake && nowMs < mistake.untilMs && load > mistake.foreseen * MUCH_BETTER) return false;
    return load <= ROOMY;
  }

  #enter(rung: number, nowMs: number): void {
    this.#rung = rung;
    this.#changedAtMs = nowMs;
    this.#pictures = 0;
    this.#onProbation = undefined;
  }

  #remember(rung: number, foreseen: number, nowMs: number): void {
    const before = this.#mistakes.get(rung)?.forMs;
    const forMs = before === undefined ? FIRST_GRUDGE_MS : Math.min(before * 2, LONGEST_GRUDGE_MS);
    this.#mistakes.set(rung, { foreseen, forMs, untilMs: nowMs + forMs });
  }

  /** The rung has lasted. */
  #prove(): void {
    this.#onProbation = undefined;
    this.#mistakes.delete(this.#rung);
  }
}
