import { StreamError } from '../../services/errors.js';

export interface KeptPicture {
  readonly sequence: number;
  readonly receivedAtMs: number;
}

/** What a camera that a test plays keeps since its last keyframe, oldest first. */
export class KeptPictures {
  readonly #pictures: KeptPicture[] = [];

  get newest(): KeptPicture | undefined {
    return this.#pictures.at(-1);
  }

  add(picture: KeptPicture): void {
    this.#pictures.push(picture);
  }

  /** The pictures before the next are of another group. */
  clear(): void {
    this.#pictures.length = 0;
  }

  /** @throws StreamError ERR_FRAME_NOT_KEPT before the first picture and later than now */
  nearestTo(unixMs: number): KeptPicture {
    const [first, ...others] = this.#pictures;
    if (
      first === undefined ||
      unixMs < first.receivedAtMs ||
      unixMs > Math.max(Date.now(), this.newest!.receivedAtMs)
    ) {
      throw new StreamError('ERR_FRAME_NOT_KEPT', `Expected a time of which video is kept but received ${unixMs}`);
    }
    const distance = ({ receivedAtMs }: KeptPicture): number => Math.abs(receivedAtMs - unixMs);
    return others.reduce((best, other) => (distance(other) < distance(best) ? other : best), first);
  }
}
