import type { CameraStream } from '../cameras/camera-registry.js';
import type { DecodedFrame, EncodeOptions } from '../stream/decode-backend.js';
import type { Picture, PictureCache } from './picture-cache.js';

/** A picture and the size, in display pixels, of the frame that it was made of. */
export interface LivePicture extends Picture {
  readonly source: { readonly width: number; readonly height: number };
}

/** Somebody who watches. */
export interface Viewer {
  /** Called once for each `Seat.take`, perhaps before that returns. */
  show(picture: LivePicture): void;
}

/** A viewer's place in a feed. */
export interface Seat {
  /** Asks for the newest picture above that sequence, in place of what was asked for before. */
  readonly take: (afterSequence: number) => void;
  /** Ends it; nothing is shown any more. */
  readonly leave: () => void;
}

const RETRY_MS = 1000;

interface Place {
  readonly viewer: Viewer;
  afterSequence: number;
  /** Whether the viewer is owed a picture. */
  isWaiting: boolean;
}

/**
 * One camera's pictures in one size and quality, for all who watch them. A picture is pulled from the stream only
 * when a viewer waits for one, and goes to all who wait: nobody is ever handed a queue, a slow viewer skips to the
 * newest picture and delays no other.
 */
export class JpegFeed {
  readonly #stream: CameraStream;
  readonly #pictures: PictureCache;
  readonly #options: EncodeOptions;
  readonly #places = new Set<Place>();
  #isPulling = false;
  /** The picture pulled last; forgotten when the stream's state changes. */
  #last: LivePicture | undefined;
  /** While the stream is asked for a picture: the sequence that it has to be above. */
  #askedAbove: number | undefined;
  /** The frame that could not be encoded; asking for it again would spin. */
  #unusableSequence = -1;
  #stateChanges = 0;
  #stopListening: (() => void) | undefined;
  #wake: (() => void) | undefined;
  /** Ends the wait for a picture that nobody wants any more. */
  #forsake = new AbortController();

  constructor(stream: CameraStream, pictures: PictureCache, options: EncodeOptions) {
    this.#stream = stream;
    this.#pictures = pictures;
    this.#options = options;
  }

  get viewers(): number {
    return this.#places.size;
  }

  join(viewer: Viewer): Seat {
    const place = { viewer, afterSequence: -1, isWaiting: false };
    this.#places.add(place);
    this.#stopListening ??= this.#stream.onStateChange(() => this.#onStateChange());
    return {
      take: (afterSequence) => {
        if (!this.#places.has(place)) return;
        place.afterSequence = afterSequence;
        place.isWaiting = true;
        this.#serve(place);
      },
      leave: () => this.#leave(place),
    };
  }

  #leave(place: Place): void {
    place.isWaiting = false;
    this.#places.delete(place);
    if (this.#places.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#last = undefined;
    this.#forsake.abort();
    this.#forsake = new AbortController();
    this.#wake?.();
  }

  #onStateChange(): void {
    this.#last = undefined;
    this.#stateChanges += 1;
    this.#wake?.();
  }

  #serve(place: Place): void {
    // The stream has nothing newer as long as it owes the picture after this one.
    const newest = this.#last?.sequence === this.#askedAbove ? this.#last : undefined;
    if (newest !== undefined && newest.sequence > place.afterSequence) give(place, newest);
    else if (!this.#isPulling) void this.#pull();
  }

  #waiting(): Place[] {
    return [...this.#places].filter((place) => place.isWaiting);
  }

  /** Runs while anybody waits. */
  async #pull(): Promise<void> {
    this.#isPulling = true;
    while (this.#waiting().length > 0) await this.#pullOne();
    this.#isPulling = false;
  }

  async #pullOne(): Promise<void> {
    const stateChangesBefore = this.#stateChanges;
    const shown = Math.min(...this.#waiting().map((place) => place.afterSequence));
    const afterSequence = Math.max(shown, this.#unusableSequence);
    const { signal } = this.#forsake;
    let frame: DecodedFrame;
    try {
      this.#askedAbove = afterSequence;
      frame = await this.#stream.getLatestFrame({ afterSequence, signal });
    } catch {
      // Somebody may have joined since.
      if (signal.aborted) return;
      // Most errors last until the stream's state changes, but a picture that failed to decode changes no state.
      await this.#stateChangeAfter(stateChangesBefore, RETRY_MS);
      return;
    } finally {
      this.#askedAbove = undefined;
    }
    const picture = await this.#encode(frame);
    if (picture === undefined) return;
    if (this.#stateChanges === stateChangesBefore) this.#last = picture;
    for (const place of this.#waiting()) if (place.afterSequence < picture.sequence) give(place, picture);
  }

  async #encode(frame: DecodedFrame): Promise<LivePicture | undefined> {
    const { sequence, receivedAtMs, captureAtMs, width, height } = frame;
    try {
      if (this.#waiting().length === 0) return undefined;
      const jpeg = await this.#pictures.jpegOf(frame, this.#options);
      return {
        jpeg,
        sequence,
        receivedAtMs,
        ...(captureAtMs !== undefined && { captureAtMs }),
        source: { width, height },
      };
    } catch {
      // The picture is skipped; PictureCache has logged why.
      this.#unusableSequence = sequence;
      return undefined;
    } finally {
      frame.release();
    }
  }

  /** Resolves at the first state change after that count, when the last viewer has left, or after `timeoutMs`. */
  async #stateChangeAfter(count: number, timeoutMs: number): Promise<void> {
    if (this.#stateChanges !== count || this.#places.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}

function give(place: Place, picture: LivePicture): void {
  place.isWaiting = false;
  place.viewer.show(picture);
}
