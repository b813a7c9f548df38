import { ConnectGate } from './connect-gate.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const RATE_WINDOW_MS = 2000;

const gate = new ConnectGate();

/**
 * One WebSocket whose binary messages are JPEGs, painted on one canvas. Only the newest is painted: while one is
 * being decoded, what arrives replaces what waits. A lost socket is opened again with growing, jittered pauses.
 */
export class CameraStream {
  #canvas;
  #context;
  #onLost;
  /** @type {string | null} */
  #url = null;
  /** @type {WebSocket | null} */
  #socket = null;
  #retryTimer = 0;
  #leaveGate = () => {};
  #failures = 0;
  /** @type {{ jpeg: Blob, arrivedAt: number } | null} The newest picture not yet being decoded. */
  #waiting = null;
  #decoding = false;
  /** @type {number[]} When the pictures of the last seconds were painted. */
  #paintedAt = [];

  /** Counts the calls of clear(): a picture that was asked for before one of them is not wanted after it. */
  #epoch = 0;

  /** @type {number | null} When the picture on the canvas arrived, by performance.now(); null while there is none. */
  pictureAt = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} onLost the socket closed although nobody asked it to
   */
  constructor(canvas, onLost) {
    this.#canvas = canvas;
    this.#context = /** @type {ImageBitmapRenderingContext} */ (canvas.getContext('bitmaprenderer'));
    this.#onLost = onLost;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /**
   * Streams from `url` until told otherwise; the same URL again changes nothing.
   * @param {string} url
   */
  play(url) {
    if (url === this.#url) return;
    this.stop();
    this.#url = url;
    this.#enterGate();
  }

  /** Closes the socket. The last picture stays. */
  stop() {
    this.#url = null;
    this.#failures = 0;
    clearTimeout(this.#retryTimer);
    this.#leaveGate();
    this.#waiting = null;
    this.#paintedAt = [];
    const socket = this.#socket;
    this.#socket = null;
    // Browsers print a warning for a socket that is closed before it is open.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }

  /** Stops and takes the picture away. */
  clear() {
    this.stop();
    this.#epoch += 1;
    this.#context.transferFromImageBitmap(null);
    this.pictureAt = null;
  }

  /**
   * Shows another stream's picture until an own one arrives.
   * @param {CameraStream} other
   */
  async adopt(other) {
    const { pictureAt } = other;
    if (pictureAt === null) return;
    const epoch = this.#epoch;
    const bitmap = await createImageBitmap(other.#canvas);
    const isStillWanted = this.#epoch === epoch && (this.pictureAt ?? 0) < pictureAt;
    if (isStillWanted) this.#paint(bitmap, pictureAt);
    else bitmap.close();
  }

  /** Pictures painted in a second, over the last two. */
  get fps() {
    const now = performance.now();
    while (this.#paintedAt.length > 0 && now - this.#paintedAt[0] > RATE_WINDOW_MS) this.#paintedAt.shift();
    const intervals = this.#paintedAt.length - 1;
    return intervals < 1 ? 0 : (intervals * 1000) / (this.#paintedAt[intervals] - this.#paintedAt[0]);
  }

  #enterGate() {
    const url = this.#url;
    if (url !== null) this.#leaveGate = gate.enter(() => this.#connect(url));
  }

  /** @param {string} url */
  #connect(url) {
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      // A closing socket still delivers, and the canvas may be another camera's by now.
      if (this.#socket !== socket) return;
      this.#failures = 0;
      this.#waiting = { jpeg: data, arrivedAt: performance.now() };
      if (!this.#decoding) void this.#paintNewest();
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#retryTimer = setTimeout(() => this.#enterGate(), retryDelay(this.#failures));
      this.#failures += 1;
      this.#onLost();
    };
    return socket;
  }

  async #paintNewest() {
    this.#decoding = true;
    while (this.#waiting) {
      const { jpeg, arrivedAt } = this.#waiting;
      const url = this.#url;
      this.#waiting = null;
      // A damaged picture is left out; the age on the tile goes on growing and says so.
      const bitmap = await createImageBitmap(jpeg).catch(() => null);
      if (bitmap && this.#url === url) {
        this.#paint(bitmap, arrivedAt);
        this.#paintedAt.push(performance.now());
      } else bitmap?.close();
    }
    this.#decoding = false;
  }

  /**
   * @param {ImageBitmap} bitmap owned by the canvas afterwards
   * @param {number} arrivedAt
   */
  #paint(bitmap, arrivedAt) {
    if (this.#canvas.width !== bitmap.width) this.#canvas.width = bitmap.width;
    if (this.#canvas.height !== bitmap.height) this.#canvas.height = bitmap.height;
    this.#context.transferFromImageBitmap(bitmap);
    this.pictureAt = arrivedAt;
  }
}

/** @param {number} failures so far */
function retryDelay(failures) {
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
  return delayMs * (0.75 + Math.random() / 2);
}
