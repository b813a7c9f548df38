import { retryDelay } from './reconnecting-socket.js';

/** @typedef {import('./protocol.js').CameraInfo} CameraInfo */
/** @typedef {import('./protocol.js').Cause} Cause */
/** @typedef {import('./protocol.js').Limits} Limits */
/** @typedef {import('./protocol.js').Picture} Picture */

/**
 * @typedef {object} SubscriptionListener
 * @property {(picture: Picture) => void} onPicture
 * @property {() => void} onChange `camera` or `cause` is another one
 */

/**
 * One camera's pictures over a link that others share: what is wanted of it, and what the server has been told so far.
 * Outlives connections, and a camera that is taken out and comes back.
 */
export class Subscription {
  #link;
  #listener;
  /** @type {Limits} */
  #limits;
  #isPaused = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} Set while a camera that the server refused is left alone. */
  #retryTimer;
  #refusals = 0;
  /**
   * What the server has been told; undefined before the camera is subscribed to on this connection.
   * @type {{ limits: string, isPaused: boolean } | undefined}
   */
  #told;

  /** @type {CameraInfo | null} What the server said last; null until it answered on this connection. */
  camera = null;

  /** @type {Cause | null} Why there is no camera: no contact, unknown, or taken out. */
  cause = null;

  /**
   * @param {{ cameraId: string, limits: Limits, listener: SubscriptionListener }} wanted
   * @param {{ settle(): void, leave(subscription: Subscription): void }} link
   */
  constructor({ cameraId, limits, listener }, link) {
    this.cameraId = cameraId;
    this.#limits = limits;
    this.#listener = listener;
    this.#link = link;
  }

  /** @param {Limits} limits in place of those before */
  set limits(limits) {
    this.#limits = limits;
    this.#link.settle();
  }

  /** @param {boolean} isPaused whether pictures are not wanted for now; news of the camera still comes */
  set paused(isPaused) {
    this.#isPaused = isPaused;
    this.#link.settle();
  }

  get isPaused() {
    return this.#isPaused;
  }

  /** Ends it for good. Nothing is heard of it afterwards. */
  close() {
    clearTimeout(this.#retryTimer);
    this.#link.leave(this);
  }

  /**
   * What is to be said so that the server does what is wanted. Nothing while its answer is waited for.
   * @param {boolean} isLinkPaused whether nobody sees any of the link's pictures
   * @returns {{ type: string, [member: string]: unknown }[]}
   */
  takeMessages(isLinkPaused) {
    const limits = JSON.stringify(this.#limits);
    const isPaused = this.#isPaused || isLinkPaused;
    if (!this.#told) {
      // What is subscribed to begins at once.
      if (isPaused || this.#retryTimer !== undefined) return [];
      this.#told = { limits, isPaused: false };
      return [{ type: 'subscribe', camera: this.cameraId, ...this.#limits }];
    }
    if (!this.camera) return [];
    const { channel } = this.camera;
    const messages = [];
    if (limits !== this.#told.limits) messages.push({ type: 'limit', channel, ...this.#limits });
    if (isPaused !== this.#told.isPaused) messages.push({ type: isPaused ? 'pause' : 'resume', channel });
    this.#told = { limits, isPaused };
    return messages;
  }

  /** @param {CameraInfo} camera */
  noteCamera(camera) {
    this.#refusals = 0;
    this.camera = camera;
    this.cause = null;
    this.#listener.onChange();
  }

  /** @param {Picture} picture */
  notePicture(picture) {
    this.#listener.onPicture(picture);
  }

  /**
   * The connection is gone; on the next one all is to be said again.
   * @param {Cause} cause
   */
  noteLost(cause) {
    this.#end(cause);
  }

  /**
   * The server has no such camera, or not any more. It is asked again later, as cameras can be added at run time.
   * @param {Cause} cause
   */
  noteRefused(cause) {
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#link.settle();
    }, retryDelay(this.#refusals));
    this.#refusals += 1;
    this.#end(cause);
  }

  /** @param {Cause} cause */
  #end(cause) {
    this.#told = undefined;
    this.camera = null;
    this.cause = cause;
    this.#listener.onChange();
  }
}
