import { RetryLaterError } from '../errors.js';

const RETRY_AFTER_S = 1;

/**
 * Pictures that are being made or queued, over the whole server. Requests that would begin more than `most` of them are
 * refused before anything is decoded; who joins what is being made never is, nor who was let in, nor a live feed, which
 * has one picture made at a time.
 */
export class PictureWork {
  readonly #most: number;
  /** Requests for each picture whose frame is being decoded. */
  readonly #decodes = new Map<string, number>();
  #encodes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#decodes.size + this.#encodes >= this.#most;
  }

  /**
   * Runs the decode for a picture; requests for the same one count as one.
   * @param isMade whether the picture need not be made
   * @throws RetryLaterError ERR_OVERLOADED
   */
  async decode<T>(picture: string, isMade: () => boolean, begin: () => Promise<T>): Promise<T> {
    const requests = this.#decodes.get(picture) ?? 0;
    if (requests === 0 && this.isFull && !isMade()) {
      throw new RetryLaterError('ERR_OVERLOADED', `Expected fewer than ${this.#most} pictures in the making`, {
        retryAfterS: RETRY_AFTER_S,
      });
    }
    this.#decodes.set(picture, requests + 1);
    try {
      return await begin();
    } finally {
      const left = this.#decodes.get(picture)! - 1;
      if (left > 0) this.#decodes.set(picture, left);
      else this.#decodes.delete(picture);
    }
  }

  /** The encoder, with each of its pictures counted while it is made. */
  counted<Arguments extends unknown[]>(
    encode: (...args: Arguments) => Promise<Buffer>,
  ): (...args: Arguments) => Promise<Buffer> {
    return async (...args) => {
      this.#encodes += 1;
      try {
        return await encode(...args);
      } finally {
        this.#encodes -= 1;
      }
    };
  }
}
