import type { LivePicture, Seat, Viewer } from '../jpeg/jpeg-feed.js';
import { nextSlotMs } from '../jpeg/frame-slots.js';
import { keyOf } from '../jpeg/picture-options.js';
import { limitsAt, relativeBytes, type LiveLimits } from '../jpeg/rungs.js';
import type { EncodeOptions } from '../stream/decode-backend.js';
import type { StreamState } from '../stream/stream-status.js';
import { PictureGaps } from './picture-gaps.js';
import type { Turnable, TurnState } from './picture-turns.js';
import type { ServedCamera } from './served-cameras.js';
import type { TurnClock } from './turn-clock.js';
import type { CameraNews } from './viewer-messages.js';

/** What a channel tells of itself. */
export interface ChannelListener {
  /** It has a picture, or may want one. */
  onTurn(): void;
  /** The camera's state or size is another. */
  onChange(channel: ViewerChannel): void;
  /** It was sent a picture, in place of so many that it was not. */
  onSent(dropped: number): void;
  /** The camera was taken out. */
  onEnd(channel: ViewerChannel): void;
}

export interface ChannelOptions {
  readonly served: ServedCamera;
  readonly limits: LiveLimits;
  /** Of pictures when none is asked for. */
  readonly quality: number;
}

/** Until pictures have told. */
const USUAL_FPS = 25;
const USUAL_SOURCE = { width: 1920, height: 1080 };

/** How long the camera's pictures are counted for its rate. */
const RATE_WINDOW_MS = 1000;

/** What a picture at some rung is made with, and how large it will be. */
interface Plan {
  readonly options: EncodeOptions;
  readonly key: string;
  readonly fps: number | undefined;
  /** Units of `relativeBytes`. */
  readonly size: number;
}

/**
 * One camera in the limits that a viewer asked for: a seat in a feed, which is another when the limits or the rung are
 * others, and at most one picture that waits. When it is the channel's turn is for PictureTurns to say.
 */
export class ViewerChannel implements Viewer, Turnable {
  readonly number: number;
  readonly #served: ServedCamera;
  readonly #listener: ChannelListener;
  readonly #clock: TurnClock;
  readonly #quality: number;
  readonly #stopListening: () => void;
  #limits: LiveLimits;
  #state: TurnState = { name: 'resting' };
  #dueAtMs = 0;
  #isLive: boolean;
  #seat: (Seat & { readonly key: string }) | undefined;
  #shownSequence = -1;
  readonly #gaps: PictureGaps;
  #source: LivePicture['source'] | undefined;
  #fps = USUAL_FPS;
  #rateFrom: Pick<LivePicture, 'sequence' | 'receivedAtMs'> | undefined;
  /** By rung, as far as they were needed. */
  readonly #plans = new Map<number, Plan>();

  constructor(
    number: number,
    { served, limits, quality }: ChannelOptions,
    listener: ChannelListener,
    clock: TurnClock,
  ) {
    this.number = number;
    this.#served = served;
    this.#limits = limits;
    this.#quality = quality;
    this.#listener = listener;
    this.#clock = clock;
    const { stream, decode } = served.camera;
    this.#gaps = new PictureGaps(decode);
    this.#isLive = stream.getStatus().state.name === 'live';
    this.#stopListening = stream.onStateChange((state) => this.#onStateChange(state));
    this.#sit(this.#planAt(0));
  }

  get state(): TurnState {
    return this.#state;
  }

  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  describe(): CameraNews {
    const { id, name, stream } = this.#served.camera;
    const { state, session, newestFrame } = stream.getStatus();
    const { width, height, fps } = { ...session?.video, ...this.#source };
    return {
      channel: this.number,
      id,
      name,
      state: state.name,
      ...('cause' in state && { cause: state.cause }),
      // Zero until they are known.
      width: width || null,
      height: height || null,
      fps: fps ? Math.round(fps * 100) / 100 : null,
      sequence: newestFrame?.sequence ?? 0,
    };
  }

  /** In place of those before. */
  limit(limits: LiveLimits): void {
    this.#limits = limits;
    this.#plans.clear();
    this.#dueAtMs = 0;
    this.#listener.onTurn();
  }

  pause(): void {
    this.#state = { name: 'paused' };
    this.#gaps.interrupt();
    this.#seat?.leave();
    this.#seat = undefined;
  }

  resume(): void {
    if (this.#state.name !== 'paused') return;
    this.#state = { name: 'resting' };
    this.#sit(this.#planAt(0));
    this.#listener.onTurn();
  }

  close(): void {
    this.pause();
    this.#stopListening();
  }

  sizeAt(rung: number): number {
    return this.#planAt(rung).size;
  }

  rateAt(rung: number): number {
    if (!this.#isLive || this.#state.name === 'paused') return 0;
    return Math.min(this.#fps, this.#planAt(rung).fps ?? Infinity);
  }

  open(rung: number): void {
    const plan = this.#planAt(rung);
    if (this.#seat?.key !== plan.key) this.#sit(plan);
    this.#state = { name: 'open', sinceMs: this.#clock.now() };
    this.#seat!.take(this.#shownSequence);
  }

  isShownAt(rung: number, key: string): boolean {
    return this.#planAt(rung).key === key;
  }

  show(picture: LivePicture): void {
    if (this.#state.name !== 'open') return;
    this.#measureRate(picture);
    const { key } = this.#seat!;
    const { width, height } = picture.source;
    const isResized = this.#source?.width !== width || this.#source.height !== height;
    this.#state = { name: 'ready', sinceMs: this.#clock.now(), picture, key };
    if (isResized) {
      this.#source = picture.source;
      this.#plans.clear();
      this.#listener.onChange(this);
    }
    this.#listener.onTurn();
  }

  sent(rung: number, sequence: number): void {
    const nowMs = this.#clock.unixMs();
    this.#shownSequence = sequence;
    this.#dueAtMs = nextSlotMs(this.#planAt(rung).fps, nowMs);
    this.#state = { name: 'resting' };
    this.#listener.onSent(this.#gaps.sent(sequence, this.#limits.fps, nowMs));
  }

  /** Leaves the former feed last, so that what is decoding goes on. */
  #sit({ options, key }: Plan): void {
    const former = this.#seat;
    this.#seat = { key, ...this.#served.pictures.watch(this, options) };
    former?.leave();
  }

  #planAt(rung: number): Plan {
    const known = this.#plans.get(rung);
    if (known) return known;
    const original = { ...(this.#source ?? USUAL_SOURCE), quality: this.#quality };
    const { fps, ...options } = limitsAt(rung, this.#limits, original);
    const plan = { options, key: keyOf(options), fps, size: relativeBytes(options, original) };
    this.#plans.set(rung, plan);
    return plan;
  }

  #measureRate({ sequence, receivedAtMs }: LivePicture): void {
    const from = (this.#rateFrom ??= { sequence, receivedAtMs });
    const elapsedMs = receivedAtMs - from.receivedAtMs;
    if (elapsedMs < RATE_WINDOW_MS) return;
    this.#fps = ((sequence - from.sequence) * 1000) / elapsedMs;
    this.#rateFrom = { sequence, receivedAtMs };
  }

  #onStateChange({ name }: StreamState): void {
    this.#isLive = name === 'live';
    this.#rateFrom = undefined;
    this.#gaps.interrupt();
    if (name === 'closed') this.#listener.onEnd(this);
    else this.#listener.onChange(this);
  }
}
