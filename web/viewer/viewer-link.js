import { readPicture, streamUrl, SUBPROTOCOL } from './protocol.js';
import { ReconnectingSocket } from './reconnecting-socket.js';
import { Subscription } from './subscription.js';

/** @typedef {import('./protocol.js').CameraInfo} CameraInfo */
/** @typedef {import('./protocol.js').Cause} Cause */
/** @typedef {import('./protocol.js').LinkInfo} LinkInfo */
/** @typedef {import('./reconnecting-socket.js').Socket} Socket */

// Tiles come and go while a page is scrolled or filtered; the socket stays for the next.
const IDLE_CLOSE_MS = 2000;

// A network that went away without a word leaves a socket that looks open. A camera that decodes keyframes only gives
// a picture per GOP, and smart codecs stretch a GOP to ten seconds.
const SILENCE_MS = 20_000;
const SILENCE_CHECK_MS = 5000;

/** @type {LinkInfo} */
const UNREDUCED = { rung: 0, kbps: null };

/**
 * One WebSocket to a server for any number of cameras (docs/viewer-protocol.md). It is open while somebody subscribes,
 * and opened again when it is lost. Knows nothing of a page.
 */
export class ViewerLink {
  #socket;
  /** @type {Set<Subscription>} */
  #subscriptions = new Set();
  /** @type {Map<number, Subscription>} by the channel that the server gave them on this connection */
  #channels = new Map();
  /** The greatest of all channels on this connection; the server counts up and gives none twice. */
  #newestChannel = 0;
  /** @type {Subscription[]} Those without an answer yet. Answers come in the order of the questions. */
  #asked = [];
  #isPaused = false;
  #isSettling = false;
  #heardAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idleTimer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #silenceTimer;

  /** What the server says of this connection. */
  info = UNREDUCED;

  /**
   * @param {string} server URL of the server, http or https
   * @param {(url: string) => Socket} [open]
   */
  constructor(server, open = (url) => new WebSocket(url, SUBPROTOCOL)) {
    this.#socket = new ReconnectingSocket(() => open(streamUrl(server)), {
      onOpen: () => this.#onOpen(),
      onMessage: (data) => this.#onMessage(data),
      onLost: (cause) => this.#onLost(cause),
    });
  }

  /**
   * @param {string} cameraId
   * @param {import('./protocol.js').Limits} limits
   * @param {import('./subscription.js').SubscriptionListener} listener
   */
  subscribe(cameraId, limits, listener) {
    const subscription = new Subscription(
      { cameraId, limits, listener },
      { settle: () => this.#settleSoon(), leave: (leaving) => this.#leave(leaving) },
    );
    this.#subscriptions.add(subscription);
    this.#settleSoon();
    return subscription;
  }

  /** @param {boolean} isPaused whether nobody sees any of it: no pictures then, and no tries to connect */
  set paused(isPaused) {
    this.#isPaused = isPaused;
    if (!isPaused) this.retry();
    this.#settleSoon();
  }

  /** The server, or the network, is said to be there again: ends a pause between two tries to connect. */
  retry() {
    this.#socket.retry();
  }

  /** What one task changes, as scrolling does for many tiles, is said at once. */
  #settleSoon() {
    if (this.#isSettling) return;
    this.#isSettling = true;
    queueMicrotask(() => {
      this.#isSettling = false;
      this.#settle();
    });
  }

  /** Brings the server to what is wanted now. */
  #settle() {
    clearTimeout(this.#idleTimer);
    if (this.#subscriptions.size === 0) this.#idleTimer = setTimeout(() => this.#close(), IDLE_CLOSE_MS);
    else if (!this.#isPaused) this.#socket.start();
    if (!this.#socket.isOpen) return;
    for (const subscription of this.#subscriptions) {
      for (const message of subscription.takeMessages(this.#isPaused)) {
        if (message.type === 'subscribe') this.#asked.push(subscription);
        this.#socket.send(message);
      }
    }
  }

  /** @param {Subscription} subscription */
  #leave(subscription) {
    this.#subscriptions.delete(subscription);
    // One without an answer is ended by it.
    if (subscription.camera) this.#unsubscribe(subscription.camera.channel);
    this.#settleSoon();
  }

  /** @param {number} channel */
  #unsubscribe(channel) {
    this.#channels.delete(channel);
    this.#socket.send({ type: 'unsubscribe', channel });
  }

  #close() {
    this.#socket.stop();
    this.#forgetConnection();
  }

  #onOpen() {
    this.#heardAt = performance.now();
    this.#silenceTimer = setInterval(() => this.#checkSilence(), SILENCE_CHECK_MS);
    this.#settle();
  }

  /** @param {Cause} cause */
  #onLost(cause) {
    this.#forgetConnection();
    if (this.#isPaused) this.#socket.stop();
    for (const subscription of this.#subscriptions) subscription.noteLost(cause);
  }

  #forgetConnection() {
    clearInterval(this.#silenceTimer);
    this.#channels.clear();
    this.#newestChannel = 0;
    this.#asked = [];
    this.info = UNREDUCED;
  }

  #checkSilence() {
    const expected = [...this.#channels.values()].some(({ camera, isPaused }) => camera?.state === 'live' && !isPaused);
    if (this.#isPaused || !expected) this.#heardAt = performance.now();
    else if (performance.now() - this.#heardAt > SILENCE_MS) this.#socket.abandon();
  }

  /** @param {string | ArrayBuffer} data */
  #onMessage(data) {
    this.#heardAt = performance.now();
    if (typeof data === 'string') {
      this.#onNews(JSON.parse(data));
      return;
    }
    const picture = readPicture(data, this.#heardAt);
    this.#channels.get(picture.channel)?.notePicture(picture);
  }

  /** @param {any} news a text message; one of a type that a later server has is passed over */
  #onNews({ type, ...news }) {
    if (type === 'camera') this.#onCamera(news);
    else if (type === 'ended') this.#onEnded(news);
    else if (type === 'error' && news.camera !== undefined) this.#takeAsked(news.camera)?.noteRefused(causeOf(news));
    else if (type === 'link') this.info = news;
  }

  /** @param {CameraInfo} camera */
  #onCamera(camera) {
    const { channel } = camera;
    if (channel > this.#newestChannel) {
      this.#newestChannel = channel;
      const subscription = this.#takeAsked(camera.id);
      if (subscription) this.#channels.set(channel, subscription);
      else this.#unsubscribe(channel);
    }
    // News of a channel may cross the message that ends it.
    this.#channels.get(channel)?.noteCamera(camera);
    this.#settleSoon();
  }

  /** @param {{ channel: number } & Cause} ended */
  #onEnded({ channel, ...cause }) {
    const subscription = this.#channels.get(channel);
    this.#channels.delete(channel);
    subscription?.noteRefused(causeOf(cause));
  }

  /**
   * The subscription that an answer is for; undefined when it was closed meanwhile.
   * @param {string} cameraId
   */
  #takeAsked(cameraId) {
    const at = this.#asked.findIndex((subscription) => subscription.cameraId === cameraId);
    const [subscription] = at < 0 ? [] : this.#asked.splice(at, 1);
    return subscription && this.#subscriptions.has(subscription) ? subscription : undefined;
  }
}

/** @param {Cause} news */
function causeOf({ code, message }) {
  return { code, message };
}
