import type { WebSocket } from 'ws';
import type { Viewer } from '../jpeg/jpeg-feed.js';
import type { Picture } from '../jpeg/picture-cache.js';

/**
 * Pictures on their way that the viewer has not confirmed. One more than the one being received lets the next travel
 * meanwhile: 25 pictures a second up to 80 ms of round trip.
 */
const MOST_UNCONFIRMED = 2;

/** RFC 6455 7.4.1: the endpoint is going away. */
const GOING_AWAY = 1001;

/** A viewer that confirmed nothing for one to two of these is gone. */
const HEARTBEAT_MS = 15_000;

/**
 * A live stream over one WebSocket: each binary message one JPEG.
 *
 * That a message was written says only that the kernel took it, and its buffers hold seconds of video on a slow
 * network. So a ping follows each picture, and its pong tells that the picture arrived; a viewer that is behind skips
 * to the newest picture instead of gaining delay.
 */
export class WebSocketViewer implements Viewer {
  readonly #socket: WebSocket;
  #lastSequence = -1;
  #unconfirmed: number[] = [];
  #confirmed: (() => void) | undefined;
  #isAlive = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const heartbeat = setInterval(() => this.#checkAlive(), HEARTBEAT_MS);
    socket.on('pong', (data) => this.#onPong(Number(data.toString())));
    socket.on('close', () => clearInterval(heartbeat));
  }

  async show({ jpeg, sequence }: Picture): Promise<void> {
    this.#lastSequence = sequence;
    this.#unconfirmed.push(sequence);
    const written = new Promise<void>((resolve) => {
      // After an error the socket closes, and the viewer leaves.
      this.#socket.send(jpeg, { binary: true }, (error) => error ?? resolve());
    });
    this.#socket.ping(String(sequence));
    await written;
    if (this.#unconfirmed.length < MOST_UNCONFIRMED) return;
    await new Promise<void>((resolve) => (this.#confirmed = resolve));
  }

  end(): void {
    this.#socket.close(GOING_AWAY, 'The camera was taken out');
  }

  /** RFC 6455 5.5.3: the answer to the newest ping may stand for those before it. */
  #onPong(sequence: number): void {
    this.#isAlive = true;
    this.#unconfirmed = this.#unconfirmed.filter((sent) => sent > sequence);
    if (this.#unconfirmed.length < MOST_UNCONFIRMED) this.#confirmed?.();
  }

  #checkAlive(): void {
    if (!this.#isAlive) this.#socket.terminate();
    this.#isAlive = false;
    this.#socket.ping(String(this.#lastSequence));
  }
}
