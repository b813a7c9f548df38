import type { LivePicture } from '../jpeg/jpeg-feed.js';
import type { Demand } from '../jpeg/quality-ladder.js';
import { AdaptiveLink, type LinkNews } from './adaptive-link.js';
import type { LinkSocket } from './measured-link.js';
import type { TurnClock } from './turn-clock.js';

/** Times are of the clock's `now`. */
export type TurnState =
  | { readonly name: 'paused' }
  /** Asks for nothing: it has shown a picture, and the next has to wait for its turn. */
  | { readonly name: 'resting' }
  /** Is owed a picture. */
  | { readonly name: 'open'; readonly sinceMs: number }
  /** Has a picture that waits for the link; `key` says what it was made with. */
  | { readonly name: 'ready'; readonly sinceMs: number; readonly picture: LivePicture; readonly key: string };

/** What takes turns on a link. */
export interface Turnable {
  readonly state: TurnState;
  /** When a resting one may show its next picture, Unix milliseconds. */
  readonly dueAtMs: number;
  /** Of a picture at that rung, in units of `relativeBytes`. */
  sizeAt(rung: number): number;
  /** Pictures a second at that rung; 0 while there are none to be had. */
  rateAt(rung: number): number;
  /** Asks for the newest picture that was not sent yet, made for that rung. */
  open(rung: number): void;
  /** Whether a picture that was made with `key` is what should be shown at that rung. */
  isShownAt(rung: number, key: string): boolean;
  /** Its picture was sent. */
  sent(rung: number, sequence: number): void;
}

/** A picture whose turn it is. */
export interface TurnPicture {
  readonly picture: LivePicture;
  readonly rung: number;
  readonly ageMs: number;
}

export interface TurnListener<Channel> {
  /** Writes the picture to the socket at once. */
  write(channel: Channel, picture: TurnPicture): void;
  onRung(news: LinkNews): void;
}

/**
 * A channel has at most so many pictures without a pong, or such as are not more than this together: they would all have
 * to arrive first, should the link turn slow. Three are the camera's 25 pictures a second up to 100 ms of round trip.
 */
const MOST_UNCONFIRMED = 3;
const FEW_BYTES = 128 * 1024;

/** So much of the link's time may be made ready ahead of it. */
const MOST_AHEAD_MS = 50;

/** A channel that is open for longer without a picture waits for its camera, and keeps none of the others back. */
const QUIET_MS = 30;

/** A picture that has waited for longer is taken anew: by now there is a newer one, or it costs nothing. */
const STALE_MS = 50;

/**
 * Whose picture goes over a viewer's link next. Channels take turns, the one that was served longest ago first. Pictures
 * are made only for a link that can take them now: on a slow one a single channel at a time is asked for its picture,
 * however many there are, so that none is old when its turn comes; on a fast one all are.
 */
export class PictureTurns<Channel extends Turnable> {
  readonly #listener: TurnListener<Channel>;
  readonly #clock: TurnClock;
  readonly #link: AdaptiveLink<Channel>;
  /** The one that was served longest ago comes first. */
  readonly #channels = new Set<Channel>();
  /** Bytes of each picture without a pong. */
  readonly #unconfirmed = new Map<Channel, number[]>();
  #isRunning = false;
  #cancelTimer: () => void = () => undefined;

  constructor(socket: LinkSocket, listener: TurnListener<Channel>, clock: TurnClock) {
    this.#listener = listener;
    this.#clock = clock;
    const onRung = (news: LinkNews) => listener.onRung(news);
    this.#link = new AdaptiveLink(socket, { demandAt: (rung) => this.#demandAt(rung), onRung }, clock);
  }

  get rung(): number {
    return this.#link.rung;
  }

  add(channel: Channel): void {
    this.#channels.add(channel);
    this.#unconfirmed.set(channel, []);
    this.run();
  }

  remove(channel: Channel): void {
    this.#channels.delete(channel);
    this.#unconfirmed.delete(channel);
    this.run();
  }

  /** Gives nobody a turn any more. */
  close(): void {
    this.#channels.clear();
    this.#cancelTimer();
  }

  /** Asks whether the viewer is still there. */
  beat(): void {
    this.#link.beat();
  }

  onPong(payload: string): void {
    for (const channel of this.#link.onPong(payload)) this.#unconfirmed.get(channel)?.shift();
    this.run();
  }

  /** To be called when something is another that may change whose turn it is. */
  run(): void {
    // Channels call this from within, when they have a picture at once.
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#link.noteDelay();
    while (this.#link.isFree() && (this.#sendNext() || this.#openNext()));
    this.#isRunning = false;
    this.#setTimer();
  }

  /** Whether there was something to be done. */
  #sendNext(): boolean {
    for (const channel of this.#channels) {
      const { state } = channel;
      if (state.name !== 'ready') continue;
      const isStale = this.#clock.now() - state.sinceMs > STALE_MS;
      if (isStale || !channel.isShownAt(this.rung, state.key)) channel.open(this.rung);
      else this.#send(channel, state.picture);
      return true;
    }
    return false;
  }

  #send(channel: Channel, picture: LivePicture): void {
    const { rung } = this;
    const bytes = picture.jpeg.length;
    const size = channel.sizeAt(rung);
    // It is taken anew then, at the rung to which that has led.
    if (this.#link.isTooMuch({ bytes, size })) return;
    const ageMs = this.#clock.unixMs() - picture.receivedAtMs;
    this.#link.send({ channel, bytes, size, ageMs }, () => this.#listener.write(channel, { picture, rung, ageMs }));
    this.#unconfirmed.get(channel)!.push(bytes);
    channel.sent(rung, picture.sequence);
    this.#channels.delete(channel);
    this.#channels.add(channel);
  }

  #openNext(): boolean {
    if (this.#preparing() >= this.#mostPreparing()) return false;
    const unixMs = this.#clock.unixMs();
    for (const channel of this.#channels) {
      if (!this.#mayOpen(channel) || channel.dueAtMs > unixMs) continue;
      channel.open(this.rung);
      return true;
    }
    return false;
  }

  #mayOpen(channel: Channel): boolean {
    if (channel.state.name !== 'resting') return false;
    const unconfirmed = this.#unconfirmed.get(channel)!;
    return unconfirmed.length < MOST_UNCONFIRMED || unconfirmed.reduce((sum, bytes) => sum + bytes) <= FEW_BYTES;
  }

  #preparing(): number {
    const quietAtMs = this.#clock.now() - QUIET_MS;
    let count = 0;
    for (const { state } of this.#channels) {
      if (state.name === 'ready' || (state.name === 'open' && state.sinceMs > quietAtMs)) count += 1;
    }
    return count;
  }

  #mostPreparing(): number {
    const { usualPictureMs } = this.#link;
    return usualPictureMs === undefined ? 1 : Math.max(1, Math.floor(MOST_AHEAD_MS / usualPictureMs));
  }

  #demandAt(rung: number): Demand {
    let perSecond = 0;
    let largestPicture = 0;
    for (const channel of this.#channels) {
      const rate = channel.rateAt(rung);
      if (rate === 0) continue;
      const size = channel.sizeAt(rung);
      perSecond += size * rate;
      largestPicture = Math.max(largestPicture, size);
    }
    return { perSecond, largestPicture };
  }

  /** Wakes up when it may be somebody's turn of which nothing else tells. */
  #setTimer(): void {
    this.#cancelTimer();
    const openingAtMs = this.#link.isFree() ? this.#nextOpeningMs() : Infinity;
    const waitMs = Math.min(this.#link.wakeAtMs, openingAtMs) - this.#clock.now();
    // A timer that is early by a fraction would find that it is not yet time, again and again.
    if (waitMs < Infinity) this.#cancelTimer = this.#clock.after(Math.max(1, Math.ceil(waitMs)), () => this.run());
  }

  /** When the next resting channel is due, or is kept back no longer by those that are open. */
  #nextOpeningMs(): number {
    const nowMs = this.#clock.now();
    const unixMs = this.#clock.unixMs();
    let dueInMs = Infinity;
    let quietAtMs = Infinity;
    for (const channel of this.#channels) {
      const { state } = channel;
      if (this.#mayOpen(channel)) dueInMs = Math.min(dueInMs, channel.dueAtMs - unixMs);
      else if (state.name === 'open') quietAtMs = Math.min(quietAtMs, Math.max(state.sinceMs + QUIET_MS, nowMs));
    }
    return dueInMs > 0 ? nowMs + dueInMs : quietAtMs;
  }
}
