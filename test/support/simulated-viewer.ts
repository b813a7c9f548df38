import { PictureTurns } from '../../services/http/picture-turns.js';
import { seededRandom } from '../../simulator/seeded-random.js';
import { SimulatedChannel, type SceneFacts } from './simulated-channel.js';
import { SimulatedLink, type LinkFacts } from './simulated-link.js';
import { SimulatedTime } from './simulated-time.js';

/** A 720p camera as they are: 22 Mbit/s as JPEGs of quality 80. */
const SCENE: SceneFacts = { fps: 25, width: 1280, height: 720, bytes: 110_000, asked: {} };

export interface Arrived {
  readonly atMs: number;
  /** Of the picture, when its last byte came. */
  readonly ageMs: number;
  readonly channel: number;
  readonly sequence: number;
  readonly rung: number;
}

/** The server's side of one viewer, over a link and cameras that are simulated, in simulated time. */
export class SimulatedViewer {
  readonly time = new SimulatedTime();
  readonly link: SimulatedLink;
  readonly arrived: Arrived[] = [];
  /** Pictures sent that have not arrived. */
  onTheWay = 0;
  /** When the rung became another, and which. */
  readonly rungs: { readonly atMs: number; readonly rung: number }[] = [];
  readonly #random: () => number;
  readonly #channels: SimulatedChannel[] = [];
  readonly #turns: PictureTurns<SimulatedChannel>;

  constructor(seed: number, link: Omit<LinkFacts, 'jitterMs'> & Partial<LinkFacts>) {
    this.#random = seededRandom(seed);
    this.link = new SimulatedLink({ jitterMs: 0, ...link }, this.time, this.#random);
    this.#turns = new PictureTurns<SimulatedChannel>(
      this.link,
      {
        write: (channel, { picture, rung }) => {
          this.onTheWay += 1;
          this.link.carry(picture.jpeg.length, () => {
            this.onTheWay -= 1;
            const ageMs = this.time.unixMs() - picture.receivedAtMs;
            const { sequence } = picture;
            this.arrived.push({
              atMs: this.time.now(),
              ageMs,
              channel: this.#channels.indexOf(channel),
              sequence,
              rung,
            });
          });
        },
        onRung: ({ rung }) => this.rungs.push({ atMs: this.time.now(), rung }),
      },
      this.time,
    );
    this.link.onPong = (payload) => this.#turns.onPong(payload);
  }

  get rung(): number {
    return this.#turns.rung;
  }

  watch(scene: Partial<SceneFacts> = {}): void {
    const channel = new SimulatedChannel({ ...SCENE, ...scene }, this.time, this.#random);
    channel.onTurn = () => this.#turns.run();
    this.#channels.push(channel);
    this.#turns.add(channel);
  }

  /** From now on. */
  change(link: Partial<LinkFacts>): void {
    this.link.facts = { ...this.link.facts, ...link };
  }

  run(ms: number): void {
    this.time.runUntil(this.time.now() + ms);
  }

  arrivedSince(ms: number): Arrived[] {
    return this.arrived.filter(({ atMs }) => atMs >= ms);
  }
}
