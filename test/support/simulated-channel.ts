import type { Turnable, TurnState } from '../../services/http/picture-turns.js';
import { nextSlotMs } from '../../services/jpeg/frame-slots.js';
import { limitsAt, relativeBytes, type LiveLimits } from '../../services/jpeg/rungs.js';
import type { SimulatedTime } from './simulated-time.js';

export interface SceneFacts {
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  /** Of a picture in the size and quality that are asked for, on average. */
  readonly bytes: number;
  readonly asked: LiveLimits;
}

const ENCODE_MS = 8;
/** What every JPEG has, however small. */
const HEADER_BYTES = 600;
/** How much a picture differs from the one before, and how long the scene remembers. */
const PICTURE_NOISE = 0.05;
const SCENE_NOISE = 0.02;
const SCENE_MEMORY = 0.98;
/** Sizes grow with what is asked for by this power of what the ladder takes them for, less or more. */
const LEAST_POWER = 0.88;
const MOST_POWER = 1.12;

/** A camera whose pictures differ in size as those of a scene do, seen by one viewer. */
export class SimulatedChannel implements Turnable {
  state: TurnState = { name: 'resting' };
  dueAtMs = 0;
  onTurn: () => void = () => undefined;
  readonly #scene: SceneFacts;
  readonly #time: SimulatedTime;
  readonly #random: () => number;
  readonly #power: number;
  #liveliness = 0;
  #newest = { sequence: 0, receivedAtMs: 0 };
  #sentSequence = 0;
  #rung = 0;

  constructor(scene: SceneFacts, time: SimulatedTime, random: () => number) {
    this.#scene = scene;
    this.#time = time;
    this.#random = random;
    this.#power = LEAST_POWER + random() * (MOST_POWER - LEAST_POWER);
    time.after((random() * 1000) / scene.fps, () => this.#receive());
  }

  sizeAt(rung: number): number {
    return relativeBytes(this.#limitsAt(rung), this.#scene);
  }

  rateAt(rung: number): number {
    return Math.min(this.#scene.fps, this.#limitsAt(rung).fps ?? Infinity);
  }

  open(rung: number): void {
    this.#rung = rung;
    this.state = { name: 'open', sinceMs: this.#time.now() };
    if (this.#newest.sequence > this.#sentSequence) this.#encode();
  }

  isShownAt(rung: number, key: string): boolean {
    return this.#keyAt(rung) === key;
  }

  sent(rung: number, sequence: number): void {
    this.#sentSequence = sequence;
    this.dueAtMs = nextSlotMs(this.#limitsAt(rung).fps, this.#time.unixMs());
    this.state = { name: 'resting' };
  }

  #receive(): void {
    this.#newest = { sequence: this.#newest.sequence + 1, receivedAtMs: this.#time.unixMs() };
    this.#liveliness = this.#liveliness * SCENE_MEMORY + gaussian(this.#random) * SCENE_NOISE;
    this.#time.after(1000 / this.#scene.fps, () => this.#receive());
    if (this.state.name === 'open') this.#encode();
  }

  #encode(): void {
    const opened = this.state;
    const rung = this.#rung;
    const newest = this.#newest;
    this.#time.after(ENCODE_MS, () => {
      if (this.state !== opened) return;
      const picture = { ...newest, jpeg: Buffer.alloc(this.#bytesAt(rung)), source: this.#scene };
      this.state = { name: 'ready', sinceMs: this.#time.now(), picture, key: this.#keyAt(rung) };
      this.onTurn();
    });
  }

  #bytesAt(rung: number): number {
    const share = (this.sizeAt(rung) / this.sizeAt(0)) ** this.#power;
    const noise = Math.exp(this.#liveliness + gaussian(this.#random) * PICTURE_NOISE);
    return Math.round(HEADER_BYTES + this.#scene.bytes * share * noise);
  }

  #limitsAt(rung: number): LiveLimits {
    return limitsAt(rung, this.#scene.asked, this.#scene);
  }

  #keyAt(rung: number): string {
    return JSON.stringify(this.#limitsAt(rung));
  }
}

/** Box and Muller. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
