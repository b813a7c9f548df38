import { RecentPace } from '../jpeg/recent-pace.js';
import { RoundTrip } from './round-trip.js';

/** What is used of a WebSocket. */
export interface LinkSocket {
  ping(payload: string): void;
  /** RFC 6455 5.5.3: without a ping before it, a pong is not answered. */
  pong(payload: string): void;
  /** Bytes that the kernel has not taken yet. */
  readonly bufferedAmount: number;
}

/** Something that was sent and has arrived. */
export interface Arrival<Cargo> {
  readonly cargo: Cargo;
  readonly bytes: number;
  /** How long it occupied the link; undefined when that cannot be told. */
  readonly takenMs: number | undefined;
  /** From the sending to the arrival. */
  readonly deliveryMs: number;
}

interface Flight<Cargo> {
  readonly cargo: Cargo;
  readonly bytes: number;
  readonly sentAtMs: number;
  /** Of the pings before and after it. */
  readonly firstPing: number;
  readonly lastPing: number;
  /** Whether nothing else was on the way when it was sent. */
  readonly isAlone: boolean;
  /** After this its pong is overdue. */
  readonly dueAtMs: number;
  /** When the pong of the first ping came. */
  beganAtMs?: number;
}

/** Timers and event loops are late by so much. */
const SLACK_MS = 5;

/** How long the pace of the link is taken to last. */
const PACE_MEMORY_MS = 400;

/** RFC 6455 5.5: the most that a control frame carries. */
const LONGEST_PAYLOAD = 125;
const FILLER = ' '.repeat(LONGEST_PAYLOAD);
/** Some 4 kB, 100 ms on a link of 300 kbit/s: less drowns in the jitter of a wireless one. */
const PROBE_FRAMES = 32;

/**
 * One WebSocket's way to its viewer, measured. That a message was written says only that the kernel took it, and its
 * buffers hold seconds of video on a slow network. So a ping goes before and one after whatever is sent: the pong of
 * the first shows the round trip, since it meets an empty link, that of the last shows the arrival, and what lies
 * between the two is the time for which the link was occupied, whatever the round trip is.
 *
 * When the next may be sent: waiting for each pong would leave the link idle for a round trip after each picture, 16
 * pictures a second at 60 ms. Giving it several ahead would make a queue in it that nobody can take back when the link
 * turns slow. Therefore the next is sent as soon as the link must have delivered the last one by the pace that was
 * measured, while the pong is on its way back. Thus nothing ever waits behind another, and what is sent next can be as
 * new as on a short way. A pong that is overdue shows that the link is slower than thought: then nothing is sent until
 * all has arrived. So no more is ever on a link that turns slow than what was sent in one usual round trip.
 */
export class MeasuredLink<Cargo> {
  readonly #socket: LinkSocket;
  readonly #roundTrip = new RoundTrip();
  readonly #pace = new RecentPace(PACE_MEMORY_MS);
  readonly #flights: Flight<Cargo>[] = [];
  #pings = 0;
  #lastPongAtMs = -Infinity;
  #freeAtMs = -Infinity;

  constructor(socket: LinkSocket) {
    this.#socket = socket;
  }

  /** What a byte takes, in milliseconds; undefined before anything has arrived. */
  get msPerByte(): number | undefined {
    return this.#pace.msPerUnit;
  }

  /** Sends a little to have a first measurement before the first picture. Arrives as `cargo`. */
  probe(cargo: Cargo, nowMs: number): void {
    this.send(cargo, PROBE_FRAMES * LONGEST_PAYLOAD, nowMs, () => {
      for (let i = 0; i < PROBE_FRAMES; i++) this.#socket.pong(FILLER);
    });
  }

  /** `write` writes to the socket at once. */
  send(cargo: Cargo, bytes: number, nowMs: number, write: () => void): void {
    const isAlone = this.#flights.length === 0;
    this.#pings += 2;
    const [firstPing, lastPing] = [this.#pings - 1, this.#pings];
    this.#socket.ping(String(firstPing));
    write();
    this.#socket.ping(String(lastPing));
    const occupiesMs = bytes * (this.#pace.msPerUnit ?? Infinity);
    this.#freeAtMs = Math.max(nowMs, isAlone ? -Infinity : this.#freeAtMs) + occupiesMs;
    const dueAtMs = this.#freeAtMs + (this.#roundTrip.longestMs ?? Infinity) + SLACK_MS;
    this.#flights.push({ cargo, bytes, sentAtMs: nowMs, firstPing, lastPing, isAlone, dueAtMs });
  }

  /** Asks whether the viewer is still there. Confirms what was sent before, for viewers that answer the last ping only. */
  beat(): void {
    this.#socket.ping(String(this.#pings));
  }

  /** Returns what has arrived. */
  onPong(payload: string, nowMs: number): Arrival<Cargo>[] {
    const ping = Number(payload);
    const flight = this.#flights.find(({ firstPing }) => firstPing === ping);
    if (flight) {
      flight.beganAtMs = nowMs;
      if (flight.isAlone) this.#roundTrip.add(nowMs - flight.sentAtMs, nowMs);
    }
    const arrivals: Arrival<Cargo>[] = [];
    // RFC 6455 5.5.3: the answer to the newest ping may stand for those before it.
    while (this.#flights[0] && this.#flights[0].lastPing <= ping) {
      arrivals.push(this.#arrive(this.#flights.shift()!, nowMs));
      this.#lastPongAtMs = nowMs;
    }
    return arrivals;
  }

  #arrive({ cargo, bytes, ...flight }: Flight<Cargo>, nowMs: number): Arrival<Cargo> {
    const occupiedSinceMs = this.#occupiedSince(flight);
    const takenMs = occupiedSinceMs === undefined ? undefined : Math.max(0, nowMs - occupiedSinceMs);
    if (takenMs !== undefined) this.#pace.add(bytes, takenMs, nowMs);
    const deliveryMs = Math.max(0, nowMs - flight.sentAtMs - (this.#roundTrip.shortestMs ?? 0) / 2);
    return { cargo, bytes, takenMs, deliveryMs };
  }

  /** By when the pong of its first ping came, or should have. */
  #occupiedSince({ beganAtMs, sentAtMs }: Pick<Flight<Cargo>, 'beganAtMs' | 'sentAtMs'>): number | undefined {
    if (beganAtMs !== undefined) return beganAtMs;
    const { longestMs } = this.#roundTrip;
    return longestMs === undefined ? undefined : Math.max(this.#lastPongAtMs, sentAtMs + longestMs);
  }

  /** What has occupied the link longest, and since when; undefined when nothing does. */
  get oldest(): { readonly cargo: Cargo; readonly occupiedSinceMs: number } | undefined {
    const [flight] = this.#flights;
    const occupiedSinceMs = flight && this.#occupiedSince(flight);
    return occupiedSinceMs === undefined ? undefined : { cargo: flight!.cargo, occupiedSinceMs };
  }

  isFree(nowMs: number): boolean {
    const [oldest] = this.#flights;
    if (oldest === undefined) return true;
    return nowMs >= this.#freeAtMs && nowMs <= oldest.dueAtMs && this.#socket.bufferedAmount === 0;
  }

  /** When `isFree` may turn true without a pong; Infinity when it cannot. */
  freeAtMs(nowMs: number): number {
    const [oldest] = this.#flights;
    return oldest && this.#freeAtMs > nowMs && this.#freeAtMs <= oldest.dueAtMs ? this.#freeAtMs : Infinity;
  }
}
