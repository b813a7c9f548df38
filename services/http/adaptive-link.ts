import { PICTURE_TARGET_MS, QualityLadder, type Demand } from '../jpeg/quality-ladder.js';
import { LOWEST_RUNG } from '../jpeg/rungs.js';
import { MeasuredLink, type LinkSocket } from './measured-link.js';
import type { TurnClock } from './turn-clock.js';

/** How far the pictures of a viewer are reduced, and why. */
export interface LinkNews {
  readonly rung: number;
  readonly kbps: number;
  readonly ageMs: number;
}

export interface AdaptiveLinkOptions {
  /** What all the channels would put on the link at some rung. */
  readonly demandAt: (rung: number) => Demand;
  readonly onRung: (news: LinkNews) => void;
}

/** A picture for the link. */
export interface Load<Channel> {
  readonly channel: Channel;
  readonly bytes: number;
  /** Units of `relativeBytes`, at the rung of now. */
  readonly size: number;
  readonly ageMs: number;
}

type Cargo<Channel> = (Load<Channel> & { readonly rung: number }) | 'probe';

/** How often a picture that does not arrive is taken as news of the link. */
const DELAY_CHECK_MS = 100;

/** Weight of the newest picture in what is usual. */
const SMOOTHING = 0.2;

const MOST_KBPS = 10_000_000;

/** A viewer's link and how far pictures are reduced for it: what is measured of the one moves the other. */
export class AdaptiveLink<Channel> {
  readonly #clock: TurnClock;
  readonly #link: MeasuredLink<Cargo<Channel>>;
  readonly #ladder: QualityLadder;
  readonly #onRung: (news: LinkNews) => void;
  #delayCheckAtMs = -Infinity;
  #usualBytes: number | undefined;
  #usualAgeMs: number | undefined;

  constructor(socket: LinkSocket, { demandAt, onRung }: AdaptiveLinkOptions, clock: TurnClock) {
    this.#clock = clock;
    this.#link = new MeasuredLink(socket);
    this.#ladder = new QualityLadder(LOWEST_RUNG, demandAt);
    this.#onRung = onRung;
    this.#link.probe('probe', clock.now());
  }

  get rung(): number {
    return this.#ladder.rung;
  }

  /** How long a usual picture occupies the link; undefined before one has arrived. */
  get usualPictureMs(): number | undefined {
    const { msPerByte } = this.#link;
    return msPerByte === undefined || this.#usualBytes === undefined ? undefined : msPerByte * this.#usualBytes;
  }

  isFree(): boolean {
    return this.#link.isFree(this.#clock.now());
  }

  /** Asks whether the viewer is still there. */
  beat(): void {
    this.#link.beat();
  }

  /** Whether the picture would occupy the link for so long that smaller ones have to be made, from now on. */
  isTooMuch({ bytes, size }: Pick<Load<Channel>, 'bytes' | 'size'>): boolean {
    const { msPerByte } = this.#link;
    if (msPerByte === undefined) return false;
    return this.#adapt(() => this.#ladder.delayed({ size, takenMs: bytes * msPerByte }, this.#clock.now()));
  }

  /** `write` writes to the socket at once. */
  send(load: Load<Channel>, write: () => void): void {
    this.#link.send({ ...load, rung: this.rung }, load.bytes, this.#clock.now(), write);
  }

  /** Returns the channels whose pictures have arrived. */
  onPong(payload: string): Channel[] {
    const nowMs = this.#clock.now();
    const arrived: Channel[] = [];
    this.#adapt(() => {
      for (const { cargo, takenMs, deliveryMs } of this.#link.onPong(payload, nowMs)) {
        if (cargo === 'probe') continue;
        arrived.push(cargo.channel);
        this.#usualBytes = smoothed(this.#usualBytes, cargo.bytes);
        this.#usualAgeMs = smoothed(this.#usualAgeMs, cargo.ageMs + deliveryMs);
        if (takenMs !== undefined) this.#ladder.arrived({ ...cargo, takenMs }, nowMs);
      }
    });
    return arrived;
  }

  /** What has not arrived is news too, and does not wait until it has. */
  noteDelay(): void {
    const nowMs = this.#clock.now();
    const { oldest } = this.#link;
    if (oldest === undefined || oldest.cargo === 'probe' || nowMs < this.#delayCheckAtMs) return;
    const { size } = oldest.cargo;
    const takenMs = nowMs - oldest.occupiedSinceMs;
    if (takenMs < PICTURE_TARGET_MS) return;
    this.#delayCheckAtMs = nowMs + DELAY_CHECK_MS;
    this.#adapt(() => this.#ladder.delayed({ size, takenMs }, nowMs));
  }

  /** When there may be news although no pong comes; Infinity when there cannot. By the clock's `now`. */
  get wakeAtMs(): number {
    const { oldest } = this.#link;
    const freeAtMs = this.#link.freeAtMs(this.#clock.now());
    if (oldest === undefined || oldest.cargo === 'probe') return freeAtMs;
    return Math.min(freeAtMs, Math.max(oldest.occupiedSinceMs + PICTURE_TARGET_MS, this.#delayCheckAtMs));
  }

  /** Whether that was another rung afterwards. */
  #adapt(change: () => void): boolean {
    const before = this.rung;
    change();
    const { rung } = this;
    if (rung === before) return false;
    const kbps = Math.min(MOST_KBPS, Math.round(8 / (this.#link.msPerByte ?? 0)));
    this.#onRung({ rung, kbps, ageMs: Math.round(this.#usualAgeMs ?? 0) });
    return true;
  }
}

function smoothed(before: number | undefined, now: number): number {
  return before === undefined ? now : before + (now - before) * SMOOTHING;
}
