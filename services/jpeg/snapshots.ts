import { randomBytes } from 'node:crypto';
import type { CameraStream } from '../cameras/camera-registry.js';
import { CameraUnavailableError, StreamError } from '../errors.js';
import type { Clock } from '../stream/clock.js';
import { frameOfMoment, freshFrame, WAIT_MS, type ChosenFrame, type Freshness, type Moment } from './freshness.js';
import { factsOf, type PictureCache, type PictureFacts } from './picture-cache.js';
import { keyOf, optionsFor, type PictureOptions } from './picture-options.js';
import type { PictureWork } from './picture-work.js';

/** A camera leaves its card after as many losses in a row: the frame after those is the CPU's. */
const MOST_LOSSES = 3;
const RETRY_AFTER_S = 1;

/** A frame that a request may have, as a picture that is made only if it is needed. */
export interface Snapshot {
  readonly facts: PictureFacts;
  /** Whether it is older than what was asked for: the last good one. */
  readonly isStale: boolean;
  /** No other picture has it: of no camera, in no run of the server. Fit for an entity-tag. */
  readonly tag: string;
  encode(): Promise<Buffer>;
}

/** Single pictures of one camera, none older than its request allows. */
export class Snapshots {
  /** Sequences begin anew with every stream and every run of the server. */
  readonly #epoch = randomBytes(9).toString('base64url');
  readonly #stream: CameraStream;
  readonly #clock: Clock;
  readonly #cache: PictureCache;
  readonly #work: PictureWork;

  constructor(stream: CameraStream, clock: Clock, cache: PictureCache, work: PictureWork) {
    this.#stream = stream;
    this.#clock = clock;
    this.#cache = cache;
    this.#work = work;
  }

  /**
   * Lets `use` have the snapshot; its frame is released when that settles. Where the frame was lost with its card, `use`
   * is called again with the first newer one, as long as the wish may wait.
   * @throws what `freshFrame` and `frameOfMoment` throw; ParameterError when the crop is not inside the frame;
   *   RetryLaterError ERR_OVERLOADED; CameraUnavailableError ERR_GPU_LOST
   */
  async take<T>(
    options: PictureOptions,
    wish: Freshness | Moment,
    signal: AbortSignal,
    use: (snapshot: Snapshot) => Promise<T>,
  ): Promise<T> {
    const deadlineMs = this.#clock.now() + ('atMs' in wish ? 0 : (wish.waitMs ?? WAIT_MS));
    for (let losses = 1; ; losses++) {
      const { frame, isStale } = await this.#choose(options, wish, signal);
      try {
        return await use({
          facts: factsOf(frame),
          isStale,
          tag: `${this.#epoch}_${frame.sequence}_${keyOf(optionsFor(frame, options))}`,
          encode: () => this.#cache.pictureOf(frame, options),
        });
      } catch (error) {
        if (!(error instanceof StreamError && error.code === 'ERR_GPU_LOST')) throw error;
        const waitMs = deadlineMs - this.#clock.now();
        if ('atMs' in wish || waitMs <= 0 || losses > MOST_LOSSES) {
          throw new CameraUnavailableError(error.code, error.message, { retryAfterS: RETRY_AFTER_S });
        }
        wish = { ...wish, afterSequence: frame.sequence, waitMs };
      } finally {
        frame.release();
      }
    }
  }

  #choose(options: PictureOptions, wish: Freshness | Moment, signal: AbortSignal): Promise<ChosenFrame> {
    const moment = 'atMs' in wish ? wish.atMs : 'newest';
    const picture = `${this.#epoch}_${moment}_${keyOf(options)}`;
    const isMade = (): boolean => moment === 'newest' && this.#isNewestMade(options);
    const source = {
      stream: this.#stream,
      clock: this.#clock,
      decode: <T>(begin: () => Promise<T>) => this.#work.decode(picture, isMade, begin),
    };
    return 'atMs' in wish ? frameOfMoment(source, wish, signal) : freshFrame(source, wish, signal);
  }

  #isNewestMade(options: PictureOptions): boolean {
    const newest = this.#stream.getStatus().newestFrame;
    return newest !== undefined && this.#cache.has(newest.sequence, options);
  }
}
