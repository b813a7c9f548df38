import type { CameraStream } from '../cameras/camera-registry.js';
import type { DecodedFrame, EncodeOptions } from '../stream/decode-backend.js';
import type { StreamState } from '../stream/stream-status.js';
import type { Picture, PictureCache } from './picture-cache.js';

/** Somebody who watches. */
export interface Viewer {
  /** Takes a picture. Settles when it can take another, never rejects; need not settle once it has left. */
  show(picture: Picture): Promise<void>;
  /** The camera is gone for good. */
  end(): void;
}

const RETRY_MS = 1000;

/** A viewer's place in the feed. */
interface Seat {
  readonly viewer: Viewer;
  lastSequence: number;
  /** Whether the viewer can take a picture. */
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
  readonly #seats = new Set<Seat>();
  #isPulling = false;
  /** The picture pulled last; forgotten when the stream's state changes. */
  #last: Picture | undefined;
  /** While the stream is asked for a picture: the sequence that it has to be above. */
  #askedAbove: number | undefined;
  /** The frame that could not be encoded; asking for it again would spin. */
  #unusableSequence = -1;
  #stateChanges = 0;
  #stopListening: (() => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: CameraStream, pictures: PictureCache, options: EncodeOptions) {
    this.#stream = stream;
    this.#pictures = pictures;
    this.#options = options;
  }

  get viewers(): number {
    return this.#seats.size;
  }

  /** Returns what makes the viewer leave. */
  join(viewer: Viewer): () => void {
    const seat = { viewer, lastSequence: -1, isWaiting: true };
    this.#seats.add(seat);
    this.#stopListening ??= this.#stream.onStateChange((state) => this.#onStateChange(state));
    this.#serve(seat);
    return () => this.#leave(seat);
  }

  #leave(seat: Seat): void {
    this.#seats.delete(seat);
    if (this.#seats.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#last = undefined;
    this.#wake?.();
  }

  #onStateChange(state: StreamState): void {
    this.#last = undefined;
    this.#stateChanges += 1;
    this.#wake?.();
    if (state.name === 'closed') for (const { viewer } of this.#seats) viewer.end();
  }

  #serve(seat: Seat): void {
    // The stream has nothing newer as long as it owes the picture after this one.
    const newest = this.#last?.sequence === this.#askedAbove ? this.#last : undefined;
    if (newest !== undefined && newest.sequence > seat.lastSequence) this.#give(seat, newest);
    else if (!this.#isPulling) void this.#pull();
  }

  #give(seat: Seat, picture: Picture): void {
    seat.isWaiting = false;
    seat.lastSequence = picture.sequence;
    void seat.viewer.show(picture).then(() => {
      if (!this.#seats.has(seat)) return;
      seat.isWaiting = true;
      this.#serve(seat);
    });
  }

  #waiting(): Seat[] {
    return [...this.#seats].filter((seat) => seat.isWaiting);
  }

  /** Runs while anybody waits. */
  async #pull(): Promise<void> {
    this.#isPulling = true;
    while (this.#waiting().length > 0) await this.#pullOne();
    this.#isPulling = false;
  }

  async #pullOne(): Promise<void> {
    const stateChangesBefore = this.#stateChanges;
    const shown = Math.min(...this.#waiting().map((seat) => seat.lastSequence));
    const afterSequence = Math.max(shown, this.#unusableSequence);
    let frame: DecodedFrame;
    try {
      this.#askedAbove = afterSequence;
      frame = await this.#stream.getLatestFrame({ afterSequence });
    } catch {
      // Most errors last until the stream's state changes, but a picture that failed to decode changes no state.
      await this.#stateChangeAfter(stateChangesBefore, RETRY_MS);
      return;
    } finally {
      this.#askedAbove = undefined;
    }
    const picture = await this.#encode(frame);
    if (picture === undefined) return;
    if (this.#stateChanges === stateChangesBefore) this.#last = picture;
    for (const seat of this.#waiting()) if (seat.lastSequence < picture.sequence) this.#give(seat, picture);
  }

  async #encode(frame: DecodedFrame): Promise<Picture | undefined> {
    const { sequence, receivedAtMs, captureAtMs } = frame;
    try {
      if (this.#waiting().length === 0) return undefined;
      const jpeg = await this.#pictures.jpegOf(frame, this.#options);
      return { jpeg, sequence, receivedAtMs, ...(captureAtMs !== undefined && { captureAtMs }) };
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
    if (this.#stateChanges !== count || this.#seats.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
