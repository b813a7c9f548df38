import type { TransitionLog } from '../cameras/transition-log.js';
import { causeOf } from '../errors.js';
import type { DecodedFrame, EncodeOptions } from '../stream/decode-backend.js';

export type EncodeJpeg = (frame: DecodedFrame, options: EncodeOptions) => Promise<Buffer>;

/** One JPEG and what its reader must know to judge it. */
export interface Picture {
  readonly jpeg: Buffer;
  readonly sequence: number;
  /** Unix time in milliseconds. */
  readonly receivedAtMs: number;
  /** When the camera says that it captured the picture; absent where it does not say. Unix time in milliseconds. */
  readonly captureAtMs?: number;
}

/** Sizes and qualities of one frame that are kept at once; a client that asks for ever new ones fills no more. */
const MOST_PICTURES = 16;

/**
 * The JPEGs of one camera's newest frame. Requests for the same picture join one encode, and it is kept until a newer
 * frame is asked for.
 */
export class PictureCache {
  readonly #encode: EncodeJpeg;
  readonly #log: Pick<TransitionLog, 'warn'>;
  #isFailing = false;
  #sequence = -1;
  readonly #pictures = new Map<string, Promise<Buffer>>();

  constructor(encode: EncodeJpeg, log: Pick<TransitionLog, 'warn'>) {
    this.#encode = encode;
    this.#log = log;
  }

  /** The caller keeps its reference to `frame` until the promise settles. */
  jpegOf(frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> {
    const wanted = withoutLooseBox(frame, options);
    // Two waits for frames may end in either order.
    if (frame.sequence < this.#sequence) return this.#encode(frame, wanted);
    if (frame.sequence > this.#sequence) {
      this.#sequence = frame.sequence;
      this.#pictures.clear();
    }
    const key = `${wanted.width}x${wanted.height}q${wanted.quality}`;
    return this.#pictures.get(key) ?? this.#start(key, frame, wanted);
  }

  #start(key: string, frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> {
    const [oldest] = this.#pictures.keys();
    if (oldest !== undefined && this.#pictures.size >= MOST_PICTURES) this.#pictures.delete(oldest);
    const picture = this.#encode(frame, options);
    this.#pictures.set(key, picture);
    picture.then(
      () => (this.#isFailing = false),
      (error: unknown) => {
        if (this.#pictures.get(key) === picture) this.#pictures.delete(key);
        this.#noteFailure(error);
      },
    );
    return picture;
  }

  /** Once, until a picture succeeds again: live viewers meet the same fault with every frame. */
  #noteFailure(error: unknown): void {
    if (!this.#isFailing) this.#log.warn({ cause: causeOf(error), err: error }, 'Picture not encoded');
    this.#isFailing = true;
  }
}

/** Pictures are never enlarged: a bound that the frame keeps anyway makes no other picture. */
function withoutLooseBox(frame: DecodedFrame, { quality, width, height }: EncodeOptions): EncodeOptions {
  return {
    ...(quality !== undefined && { quality }),
    ...(width !== undefined && width < frame.width && { width }),
    ...(height !== undefined && height < frame.height && { height }),
  };
}
