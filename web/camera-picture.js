import { causeOf, outlookOf, sinceOf, toneOf, wordOf } from './camera-state.js';
import { make, setText } from './viewer/dom.js';
import { PictureCanvas } from './viewer/picture-canvas.js';
import { limitsFor } from './viewer/picture-size.js';
import { formatAge, formatSpan } from './viewer/time-words.js';

/** @typedef {import('./camera-list.js').Camera} Camera */
/** @typedef {import('./viewer/subscription.js').Subscription} Subscription */
/** @typedef {import('./viewer/viewer-link.js').ViewerLink} ViewerLink */

const STALE_AFTER_MS = 3000;

// A camera that decodes keyframes only gives a picture per GOP, and smart codecs stretch a GOP to ten seconds.
const STALE_AFTER_KEYFRAMES_MS = 15_000;

// A picture this new from a camera that is said to be down means that it is up again.
const JUST_ARRIVED_MS = 500;

/**
 * A camera's picture and, when it is not live, the words over it. Never shows an old picture as if it were live:
 * past `STALE_AFTER_MS` it is dimmed and carries its age.
 */
export class CameraPicture {
  #link;
  #onDoubt;
  #canvas = new PictureCanvas();
  /** @type {Subscription | null} Set while pictures are wanted. */
  #subscription = null;
  /** @type {Camera | null} Whose pictures they are. */
  #camera = null;
  #age = make('p', { className: 'picture-age' });
  #slow = make('p', { className: 'picture-note', hidden: true }, 'Slow link');
  #title = make('p', { className: 'notice-title' });
  #message = make('p', { className: 'notice-message' });
  #code = make('code', { className: 'notice-code' });
  #since = make('p', { className: 'notice-time' });
  #outlook = make('p', { className: 'notice-time' });
  #notice = make(
    'div',
    { className: 'notice' },
    this.#title,
    this.#message,
    this.#code,
    make('div', { className: 'notice-times' }, this.#since, this.#outlook),
  );

  element = make('div', { className: 'picture' }, this.#canvas.element, this.#age, this.#slow, this.#notice);

  /**
   * @param {ViewerLink} link
   * @param {() => void} onDoubt what is seen contradicts what the server said last: ask it again
   */
  constructor(link, onDoubt) {
    this.#canvas.element.setAttribute('aria-hidden', 'true');
    this.#link = link;
    this.#onDoubt = onDoubt;
  }

  /** How old the picture is, in milliseconds; undefined while there is none. */
  get ageMs() {
    return this.#canvas.ageMs;
  }

  /** Pictures shown in a second. */
  get fps() {
    return this.#canvas.fps;
  }

  /** How far the server reduced the picture for the link; 0 is not at all. */
  get rung() {
    return this.#subscription ? (this.#canvas.picture?.rung ?? 0) : 0;
  }

  /** What the server estimates that the link carries; null until it has to. */
  get linkKbps() {
    return this.#link.info.kbps;
  }

  /**
   * Asks for the camera's pictures, at the size at which they are shown. Goes on asking while the camera is down, so
   * that its first new picture is shown at once.
   * @param {Camera} camera
   */
  play(camera) {
    this.#camera = camera;
    const limits = limitsFor({ width: this.element.clientWidth, height: this.element.clientHeight }, camera);
    if (this.#subscription) {
      this.#subscription.limits = limits;
      return;
    }
    this.#subscription = this.#link.subscribe(camera.id, limits, {
      onPicture: (picture) => this.#canvas.show(picture),
      onChange: () => this.#noteChange(),
    });
  }

  /** Asks for no more pictures. The last one stays. */
  stop() {
    this.#subscription?.close();
    this.#subscription = null;
  }

  /** Stops and takes the picture away. */
  clear() {
    this.stop();
    this.#canvas.clear();
  }

  /**
   * Shows another one's picture until an own one comes.
   * @param {CameraPicture} other
   */
  adopt(other) {
    void this.#canvas.adopt(other.#canvas);
  }

  /**
   * @param {Camera} camera
   * @param {boolean} isReachable whether the server answered the last question
   */
  render(camera, isReachable) {
    const nowMs = Date.now();
    const { ageMs } = this;
    const isFresh = ageMs !== undefined && ageMs < staleAfterMs(camera);
    const isDown = toneOf(camera) === 'down';
    if (isDown && ageMs !== undefined && ageMs < JUST_ARRIVED_MS) this.#onDoubt();
    const look = isDown || !isFresh ? (ageMs === undefined ? 'none' : 'old') : 'live';
    this.element.dataset.look = look;
    this.#slow.hidden = look !== 'live' || this.rung === 0;
    setText(this.#age, look === 'old' && ageMs !== undefined ? `Picture from ${formatAge(ageMs)}` : '');

    const notice = isDown && isReachable ? downNotice(camera, nowMs) : waitingNotice(camera, look, isReachable, ageMs);
    this.#notice.dataset.tone = isDown && isReachable ? 'down' : 'waiting';
    setText(this.#title, notice.title);
    setText(this.#message, notice.message);
    setText(this.#code, notice.code);
    setText(this.#since, notice.since);
    setText(this.#outlook, notice.outlook);
  }

  #noteChange() {
    const { camera } = /** @type {Subscription} */ (this.#subscription);
    if (camera?.state !== this.#camera?.state.name) this.#onDoubt();
  }
}

/** @param {Camera} camera */
function staleAfterMs(camera) {
  return camera.decode.mode === 'keyframes' ? STALE_AFTER_KEYFRAMES_MS : STALE_AFTER_MS;
}

/**
 * @param {Camera} camera
 * @param {number} nowMs
 */
function downNotice(camera, nowMs) {
  const cause = causeOf(camera);
  return {
    // The tile's caption and the view's bar have the word.
    title: '',
    message: cause?.message ?? '',
    code: cause?.code ?? '',
    since: sinceOf(camera, nowMs),
    outlook: outlookOf(camera, nowMs),
  };
}

/**
 * Words for a camera that should give pictures but has none, or none that is new.
 * @param {Camera} camera
 * @param {'live' | 'old' | 'none'} look
 * @param {boolean} isReachable
 * @param {number | undefined} ageMs
 */
function waitingNotice(camera, look, isReachable, ageMs) {
  const silent = { title: '', message: '', code: '', since: '', outlook: '' };
  if (look === 'live') return silent;
  if (!isReachable) return { ...silent, title: 'No contact', message: 'The server does not answer' };
  const cause = causeOf(camera);
  if (camera.state.name !== 'live')
    return { ...silent, title: wordOf(camera), message: cause?.message ?? '', code: cause?.code ?? '' };
  if (ageMs === undefined) return { ...silent, message: 'Waiting for the first picture' };
  return { ...silent, message: `No new picture for ${formatSpan(ageMs)}` };
}
