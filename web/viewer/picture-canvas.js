import { pictureAge } from './protocol.js';

/** @typedef {import('./protocol.js').Picture} Picture */

const RATE_WINDOW_MS = 2000;

/**
 * A canvas that shows the newest of the pictures it is given: while one is being decoded, what comes replaces what
 * waits.
 */
export class PictureCanvas {
  #onPainted;
  #context;
  /** @type {Picture | null} The newest picture not yet being decoded. */
  #waiting = null;
  #isDecoding = false;
  /** @type {number[]} When the pictures of the last seconds were painted. */
  #paintedAt = [];
  /** Counts the calls of clear(): a picture that was given before one of them is not wanted after it. */
  #epoch = 0;

  element = document.createElement('canvas');

  /** @type {Picture | null} The one that is seen. */
  picture = null;

  /** Between the last two pictures, in milliseconds; 0 until there were two. */
  intervalMs = 0;

  /** @param {(picture: Picture) => void} [onPainted] */
  constructor(onPainted = () => {}) {
    this.#onPainted = onPainted;
    this.element.width = 16;
    this.element.height = 9;
    this.#context = /** @type {ImageBitmapRenderingContext} */ (this.element.getContext('bitmaprenderer'));
  }

  /** How old the picture that is seen is now, in milliseconds; undefined while there is none. */
  get ageMs() {
    return this.picture ? pictureAge(this.picture, performance.now()) : undefined;
  }

  /** Pictures painted in a second, over the last two. */
  get fps() {
    const now = performance.now();
    while (this.#paintedAt.length > 0 && now - this.#paintedAt[0] > RATE_WINDOW_MS) this.#paintedAt.shift();
    const intervals = this.#paintedAt.length - 1;
    return intervals < 1 ? 0 : (intervals * 1000) / (this.#paintedAt[intervals] - this.#paintedAt[0]);
  }

  /** @param {Picture} picture */
  show(picture) {
    this.#waiting = picture;
    if (!this.#isDecoding) void this.#paintNewest();
  }

  /** Takes the picture away, and the one that is being decoded. */
  clear() {
    this.#epoch += 1;
    this.#waiting = null;
    this.#paintedAt = [];
    this.#context.transferFromImageBitmap(null);
    this.picture = null;
    this.intervalMs = 0;
  }

  /**
   * Shows another canvas's picture until an own one comes.
   * @param {PictureCanvas} other
   */
  async adopt(other) {
    const { picture } = other;
    if (!picture) return;
    const epoch = this.#epoch;
    const bitmap = await createImageBitmap(other.element);
    const isStillWanted = this.#epoch === epoch && (this.picture?.arrivedAt ?? 0) < picture.arrivedAt;
    if (isStillWanted) this.#paint(bitmap, picture);
    else bitmap.close();
  }

  async #paintNewest() {
    this.#isDecoding = true;
    while (this.#waiting) {
      const picture = this.#waiting;
      const epoch = this.#epoch;
      this.#waiting = null;
      // A damaged picture is left out; the age goes on growing and says so.
      const bitmap = await createImageBitmap(picture.jpeg).catch(() => null);
      if (bitmap && this.#epoch === epoch) {
        if (this.picture) this.intervalMs = picture.arrivedAt - this.picture.arrivedAt;
        this.#paint(bitmap, picture);
        this.#paintedAt.push(performance.now());
        this.#onPainted(picture);
      } else bitmap?.close();
    }
    this.#isDecoding = false;
  }

  /**
   * @param {ImageBitmap} bitmap owned by the canvas afterwards
   * @param {Picture} picture
   */
  #paint(bitmap, picture) {
    const canvas = this.element;
    if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
    if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
    this.#context.transferFromImageBitmap(bitmap);
    this.picture = picture;
  }
}
