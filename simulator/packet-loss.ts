import type { Loss } from './behaviour.js';

/** Decides which RTP packets of a mount are lost, in the order in which they would have been sent. */
export class PacketLoss {
  readonly #loss: Loss;
  readonly #random: () => number;
  /** How many packets `next` still takes. */
  #left: number;

  constructor(loss: Loss) {
    this.#loss = loss;
    this.#random = seededRandom(loss.kind === 'random' ? loss.seed : 0);
    this.#left = loss.kind === 'next' ? loss.packets : 0;
  }

  /** Which of the next `count` packets are lost; undefined for none, the usual case. */
  take(count: number): ReadonlySet<number> | undefined {
    if (this.#loss.kind === 'none') return undefined;
    const lost = new Set<number>();
    for (let packet = 0; packet < count; packet++) if (this.#takesNext(this.#loss)) lost.add(packet);
    return lost.size > 0 ? lost : undefined;
  }

  #takesNext(loss: Loss): boolean {
    return loss.kind === 'random' ? this.#random() < loss.probability : this.#left-- > 0;
  }
}

/** Mulberry32: small, and good enough to choose packets. Numbers from 0 up to 1. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
