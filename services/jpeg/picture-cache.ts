import type { TransitionLog } from '../cameras/transition-log.js';
import { causeOf } from '../errors.js';
import type { DecodedFrame, EncodeOptions } from '../stream/decode-backend.js';
import { SOURCE_QUALITY, transcodeJpeg } from './picture-format.js';
import { keyOf, optionsFor, type PictureOptions } from './picture-options.js';

export type EncodeJpeg = (frame: DecodedFrame, options: EncodeOptions) => Promise<Buffer>;

/** What its reader must know to judge a picture. */
export interface PictureFacts {
  readonly sequence: number;
  /** Unix time in milliseconds. */
  readonly receivedAtMs: number;
  /** When the camera says that it captured the picture; absent where it does not say. Unix time in milliseconds. */
  readonly captureAtMs?: number;
}

export interface Picture extends PictureFacts {
  readonly jpeg: Buffer;
}

export function factsOf({ sequence, receivedAtMs, captureAtMs }: DecodedFrame): PictureFacts {
  return { sequence, receivedAtMs, ...(captureAtMs !== undefined && { captureAtMs }) };
}

interface Entry {
  readonly picture: Promise<Buffer>;
  isMade: boolean;
}

/** Pictures of one camera that are kept at once; a client that asks for ever new ones fills no more. */
const MOST_PICTURES = 16;

/**
 * One camera's pictures. Requests for the same picture join one encode. A picture of the newest frame is kept until a
 * newer frame is asked for, one of an older frame until it is made.
 */
export class PictureCache {
  readonly #encode: EncodeJpeg;
  readonly #transcode: typeof transcodeJpeg;
  readonly #log: Pick<TransitionLog, 'warn'>;
  #isFailing = false;
  /** The newest frame that was asked for. */
  #newest: Pick<DecodedFrame, 'sequence' | 'width' | 'height'> | undefined;
  /** By frame and options, oldest first. */
  readonly #entries = new Map<string, Entry>();
  #encodes = 0;
  #shared = 0;

  constructor(encode: EncodeJpeg, log: Pick<TransitionLog, 'warn'>, transcode = transcodeJpeg) {
    this.#encode = encode;
    this.#log = log;
    this.#transcode = transcode;
  }

  /** Since the start: pictures that were encoded, and times that one was given out that another had encoded. */
  get counters(): { readonly encodes: number; readonly shared: number } {
    return { encodes: this.#encodes, shared: this.#shared };
  }

  /** Whether this picture is made or being made, if that is the newest frame. */
  has(sequence: number, options: PictureOptions): boolean {
    if (this.#newest?.sequence !== sequence) return false;
    return this.#entries.has(keyWith(sequence, optionsFor(this.#newest, options)));
  }

  /**
   * The caller keeps its reference to `frame` until the promise settles.
   * @throws ParameterError when the crop is not inside the frame; StreamError when the picture cannot be encoded
   */
  async jpegOf(frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> {
    const wanted = optionsFor(frame, options);
    return this.#share(frame, wanted, () => this.#encode(frame, wanted));
  }

  /** As `jpegOf`, in the format that the options ask for. */
  async pictureOf(frame: DecodedFrame, { format = 'jpeg', ...options }: PictureOptions): Promise<Buffer> {
    if (format === 'jpeg') return this.jpegOf(frame, options);
    const wanted = optionsFor(frame, { format, ...options });
    return this.#share(frame, wanted, async () => {
      const source = await this.jpegOf(frame, { ...options, quality: SOURCE_QUALITY });
      return this.#transcode(source, format, options.quality);
    });
  }

  #share(frame: DecodedFrame, wanted: PictureOptions, make: () => Promise<Buffer>): Promise<Buffer> {
    // Two waits for frames may end in either order.
    if (this.#newest === undefined || frame.sequence > this.#newest.sequence) this.#turnTo(frame);
    const key = keyWith(frame.sequence, wanted);
    const shared = this.#entries.get(key);
    if (shared) this.#shared += 1;
    return shared?.picture ?? this.#start(key, frame.sequence, make);
  }

  #turnTo({ sequence, width, height }: DecodedFrame): void {
    this.#newest = { sequence, width, height };
    for (const [key, { isMade }] of this.#entries) if (isMade) this.#entries.delete(key);
  }

  #start(key: string, sequence: number, make: () => Promise<Buffer>): Promise<Buffer> {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= MOST_PICTURES) this.#entries.delete(oldest);
    this.#encodes += 1;
    const entry: Entry = { picture: make(), isMade: false };
    this.#entries.set(key, entry);
    entry.picture.then(
      () => {
        entry.isMade = true;
        this.#isFailing = false;
        if (sequence !== this.#newest?.sequence) this.#forget(key, entry);
      },
      (error: unknown) => {
        this.#forget(key, entry);
        this.#noteFailure(error);
      },
    );
    return entry.picture;
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  /** Once, until a picture succeeds again: live viewers meet the same fault with every frame. */
  #noteFailure(error: unknown): void {
    if (!this.#isFailing) this.#log.warn({ cause: causeOf(error), err: error }, 'Picture not encoded');
    this.#isFailing = true;
  }
}

function keyWith(sequence: number, options: PictureOptions): string {
  return `${sequence}_${keyOf(options)}`;
}
