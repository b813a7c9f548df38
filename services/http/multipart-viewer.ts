import type { ServerResponse } from 'node:http';
import { nextSlotMs } from '../jpeg/frame-slots.js';
import type { Seat, Viewer } from '../jpeg/jpeg-feed.js';
import type { Picture } from '../jpeg/picture-cache.js';
import type { LiveLimits } from '../jpeg/rungs.js';
import { PictureGaps } from './picture-gaps.js';
import type { ServedCamera } from './served-cameras.js';

const BOUNDARY = 'frame';

export const MULTIPART_HEADERS = {
  'Content-Type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
  'Cache-Control': 'no-store',
  Connection: 'close',
};

/** A viewer whose connection takes nothing for so long is dropped. */
const WRITE_TIMEOUT_MS = 10_000;

/**
 * A live stream as one endless multipart answer, for <img>. Beyond the one picture being written nothing is held here;
 * HTTP has no word back from the viewer, so what the kernel has buffered on a slow network adds to its delay.
 */
export class MultipartViewer implements Viewer {
  /** Nothing is known of its link. */
  readonly rung = 0;
  readonly #response: ServerResponse;
  readonly #fps: number | undefined;
  readonly #seat: Seat;
  readonly #gaps: PictureGaps;
  readonly #onSent: (dropped: number) => void;
  #writeTimeout: NodeJS.Timeout | undefined;
  /** Runs until the next picture is due. */
  #pause: NodeJS.Timeout | undefined;

  /** `onSent` is called with each picture, and how many were not sent in its place. */
  constructor(
    response: ServerResponse,
    { camera, pictures }: ServedCamera,
    { fps, ...options }: LiveLimits,
    onSent: (dropped: number) => void,
  ) {
    this.#response = response;
    this.#fps = fps;
    this.#gaps = new PictureGaps(camera.decode);
    this.#onSent = onSent;
    // A camera may rest for longer than a connection whose answer is not read.
    response.socket?.setTimeout(0);
    response.writeHead(200, MULTIPART_HEADERS);
    response.write(`--${BOUNDARY}\r\n`);
    this.#seat = pictures.watch(this, options);
    const stopListening = camera.stream.onStateChange(({ name }) => {
      this.#gaps.interrupt();
      if (name === 'closed') this.end();
    });
    response.on('close', () => {
      stopListening();
      this.#leave();
      // Node forgets the callbacks of writes that were under way.
      clearTimeout(this.#writeTimeout);
    });
    this.#seat.take(-1);
  }

  show(picture: Picture): void {
    this.#onSent(this.#gaps.sent(picture.sequence, this.#fps, Date.now()));
    this.#writeTimeout = setTimeout(() => this.#response.destroy(), WRITE_TIMEOUT_MS).unref();
    this.#response.cork();
    this.#response.write(partHead(picture));
    this.#response.write(picture.jpeg);
    // The next part's delimiter goes out with this part: browsers show a part when they have seen its end.
    this.#response.write(`\r\n--${BOUNDARY}\r\n`, (error) => {
      clearTimeout(this.#writeTimeout);
      this.#writeTimeout = undefined;
      // After an error the response closes.
      if (!error) this.#takeAfter(picture.sequence);
    });
    this.#response.uncork();
  }

  /** Ends the answer; at once, without the rest of the picture, when the viewer is not reading it. */
  end(): void {
    this.#leave();
    if (this.#writeTimeout) this.#response.destroy();
    else this.#response.end();
  }

  #takeAfter(sequence: number): void {
    const nowMs = Date.now();
    const pauseMs = nextSlotMs(this.#fps, nowMs) - nowMs;
    if (pauseMs > 0) this.#pause = setTimeout(() => this.#seat.take(sequence), pauseMs);
    else this.#seat.take(sequence);
  }

  #leave(): void {
    clearTimeout(this.#pause);
    this.#seat.leave();
  }
}

function partHead({ jpeg, sequence, receivedAtMs, captureAtMs }: Picture): string {
  const headers = {
    'Content-Type': 'image/jpeg',
    'Content-Length': jpeg.length,
    'X-Frame-Sequence': sequence,
    'X-Frame-Age-Ms': Math.max(0, Math.round(Date.now() - receivedAtMs)),
    'X-Frame-Received-At': new Date(receivedAtMs).toISOString(),
    ...(captureAtMs !== undefined && { 'X-Frame-Captured-At': new Date(captureAtMs).toISOString() }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${lines.join('')}\r\n`;
}
