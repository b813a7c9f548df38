import { DEFAULT_BEHAVIOUR, type Disorder, type Loss } from './behaviour.js';
import { seededRandom } from './seeded-random.js';

/** What becomes of one RTP packet. */
export type PacketFate = 'sent' | 'lost' | 'late' | 'twice';

/** Decides what becomes of a mount's RTP packets, in the order in which it makes them. */
export class PacketFates {
  readonly #loss: Loss;
  readonly #disorder: Disorder;
  readonly #loses: () => number;
  readonly #disorders: () => number;
  /** How many packets `next` still takes. */
  #left: number;

  constructor(loss: Loss, disorder: Disorder = DEFAULT_BEHAVIOUR.disorder) {
    this.#loss = loss;
    this.#disorder = disorder;
    this.#loses = seededRandom(loss.kind === 'random' ? loss.seed : 0);
    this.#disorders = seededRandom(disorder.seed);
    this.#left = loss.kind === 'next' ? loss.packets : 0;
  }

  /** Of the next `count` packets; undefined when all of them are simply sent, the usual case. */
  take(count: number): readonly PacketFate[] | undefined {
    const { late, twice } = this.#disorder;
    if (this.#loss.kind === 'none' && late + twice === 0) return undefined;
    const fates = Array.from({ length: count }, () => this.#takeNext());
    return fates.some((fate) => fate !== 'sent') ? fates : undefined;
  }

  #takeNext(): PacketFate {
    if (this.#isLost(this.#loss)) return 'lost';
    const { late, twice } = this.#disorder;
    const chance = this.#disorders();
    if (chance < late) return 'late';
    return chance < late + twice ? 'twice' : 'sent';
  }

  #isLost(loss: Loss): boolean {
    if (loss.kind === 'none') return false;
    return loss.kind === 'random' ? this.#loses() < loss.probability : this.#left-- > 0;
  }
}
