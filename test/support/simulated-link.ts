import type { LinkSocket } from '../../services/http/measured-link.js';
import type { SimulatedTime } from './simulated-time.js';

export interface LinkFacts {
  /** Bytes in a millisecond; one is 8 kbit/s. */
  readonly bytesPerMs: number;
  readonly roundTripMs: number;
  /** Most by which anything is late, each way. */
  readonly jitterMs: number;
}

/** What TCP and IP add to each packet, and what fits into one on Ethernet. */
const PACKET_OVERHEAD = 52;
const PACKET_BYTES = 1448;

/** The bandwidth may change while something is carried: it is carried in slices. */
const SLICE_MS = 20;

/** A link that carries one thing after the other to a viewer that answers pings. Loses nothing. */
export class SimulatedLink implements LinkSocket {
  readonly bufferedAmount = 0;
  /** May be changed at any time. */
  facts: LinkFacts;
  onPong: (payload: string) => void = () => undefined;
  readonly #time: SimulatedTime;
  readonly #random: () => number;
  readonly #queue: { bytesLeft: number; readonly onArrival: () => void }[] = [];
  #lastArrivalAtMs = 0;
  #lastPongAtMs = 0;

  constructor(facts: LinkFacts, time: SimulatedTime, random: () => number) {
    this.facts = facts;
    this.#time = time;
    this.#random = random;
  }

  ping(payload: string): void {
    this.carry(payload.length, () => {
      this.#lastPongAtMs = this.#afterTheWay(this.#lastPongAtMs, () => this.onPong(payload));
    });
  }

  pong(payload: string): void {
    this.carry(payload.length, () => undefined);
  }

  carry(bytes: number, onArrival: () => void): void {
    this.#queue.push({ bytesLeft: bytes + Math.ceil(bytes / PACKET_BYTES) * PACKET_OVERHEAD, onArrival });
    if (this.#queue.length === 1) this.#carryOn();
  }

  #carryOn(): void {
    const [first] = this.#queue;
    if (first === undefined) return;
    const { bytesPerMs } = this.facts;
    const slice = Math.min(first.bytesLeft, bytesPerMs * SLICE_MS);
    this.#time.after(slice / bytesPerMs, () => {
      first.bytesLeft -= slice;
      if (first.bytesLeft === 0) {
        this.#queue.shift();
        this.#lastArrivalAtMs = this.#afterTheWay(this.#lastArrivalAtMs, first.onArrival);
      }
      this.#carryOn();
    });
  }

  /** TCP keeps the order, whatever is late. Returns when it arrives. */
  #afterTheWay(lastAtMs: number, onArrival: () => void): number {
    const nowMs = this.#time.now();
    const wayMs = this.facts.roundTripMs / 2 + this.#random() * this.facts.jitterMs;
    const atMs = Math.max(lastAtMs, nowMs + wayMs);
    this.#time.after(atMs - nowMs, onArrival);
    return atMs;
  }
}
