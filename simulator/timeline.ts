import { CLOCK_RATE, type Clip } from './clip/clip.js';

const TICKS_PER_MS = CLOCK_RATE / 1000;

/**
 * Where a camera is in its endlessly repeated clip. Ticks count on from loop to loop. Times are milliseconds of a
 * monotonic clock that the caller reads.
 */
export class Timeline {
  readonly #clip: Clip;
  readonly #originTicks: number;
  /** When tick 0 was, or would have been. */
  #originMs: number;
  /** Counts access units over all loops. */
  #next: number;

  /** At `nowMs` the camera is `phaseMs` into the clip, whose first loop began at tick `originTicks`. */
  constructor(clip: Clip, nowMs: number, phaseMs: number, originTicks = 0) {
    this.#clip = clip;
    this.#originTicks = originTicks;
    const phaseTicks = (phaseMs * TICKS_PER_MS) % clip.durationTicks;
    this.#originMs = nowMs - (originTicks + phaseTicks) / TICKS_PER_MS;
    const next = clip.accessUnits.findIndex((unit) => unit.decodeTicks >= phaseTicks);
    this.#next = next === -1 ? clip.accessUnits.length : next;
  }

  /** Another clip, which begins where this one's next access unit would be, with later ticks than all before. */
  followedBy(clip: Clip): Timeline {
    const { dueMs } = this;
    return new Timeline(clip, dueMs, 0, Math.ceil(this.captureTicks(dueMs)));
  }

  /** When the next access unit is to be sent. */
  get dueMs(): number {
    const { loopTicks, index } = this.#position(this.#next);
    return this.#originMs + (loopTicks + (this.#clip.accessUnits[index]?.decodeTicks ?? 0)) / TICKS_PER_MS;
  }

  /** Takes the next access unit: its index in the clip, and the ticks at which its loop began. */
  take(): { readonly index: number; readonly loopTicks: number } {
    return this.#position(this.#next++);
  }

  /** Presentation ticks of the next access unit that has this keyframe flag; for clips that have none, of the next. */
  nextPresentationTicks(keyframe: boolean): number {
    const { accessUnits } = this.#clip;
    let ahead = 0;
    while (
      ahead < accessUnits.length &&
      accessUnits[(this.#next + ahead) % accessUnits.length]?.keyframe !== keyframe
    ) {
      ahead++;
    }
    const { loopTicks, index } = this.#position(this.#next + (ahead % accessUnits.length));
    return loopTicks + (accessUnits[index]?.presentationTicks ?? 0);
  }

  /** Presentation ticks of the picture captured at `nowMs`. With B-frames a picture is shown after it was captured. */
  captureTicks(nowMs: number): number {
    return Math.round((nowMs - this.#originMs) * TICKS_PER_MS) + this.#clip.reorderTicks;
  }

  /** Moves the whole timeline so that the next access unit is due at `nowMs`. */
  resumeAt(nowMs: number): void {
    this.#originMs += nowMs - this.dueMs;
  }

  #position(count: number): { index: number; loopTicks: number } {
    const length = this.#clip.accessUnits.length;
    const loops = Math.floor(count / length);
    return { index: count % length, loopTicks: this.#originTicks + loops * this.#clip.durationTicks };
  }
}
