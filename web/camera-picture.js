import { CameraStream } from './camera-stream.js';
import { causeOf, outlookOf, sinceOf, toneOf, wordOf } from './camera-state.js';
import { make, setText } from './dom.js';
import { formatAge, formatSpan } from './format.js';
import { pictureStep, streamUrl } from './picture-size.js';

/** @typedef {import('./camera-list.js').Camera} Camera */

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
  #onDoubt;
  #canvas = make('canvas', { width: 16, height: 9 });
  #age = make('p', { className: 'picture-age' });
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

  element = make('div', { className: 'picture' }, this.#canvas, this.#age, this.#notice);
  stream;

  /** @param {() => void} onDoubt what is seen contradicts what the server said last: ask it again */
  constructor(onDoubt) {
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.#onDoubt = onDoubt;
    this.stream = new CameraStream(this.#canvas, onDoubt);
  }

  /** How long ago the picture arrived here, in milliseconds; undefined while there is none. */
  get ageMs() {
    return this.stream.pictureAt === null ? undefined : performance.now() - this.stream.pictureAt;
  }

  /**
   * Streams while it is wanted. The socket stays open while the camera is down, so that its first new picture is
   * shown at once; none is opened while the server is known not to answer.
   * @param {Camera} camera
   * @param {{ isWanted: boolean, isReachable: boolean }} circumstances
   */
  sync(camera, { isWanted, isReachable }) {
    if (!isWanted || !(isReachable || this.stream.isOpen)) {
      this.stream.stop();
      return;
    }
    const box = { width: this.element.clientWidth, height: this.element.clientHeight };
    this.stream.play(streamUrl(camera.id, pictureStep(box, camera)));
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
    setText(this.#age, look === 'old' && ageMs !== undefined ? `Picture from ${formatAge(ageMs)}` : '');

    const notice = isDown && isReachable ? downNotice(camera, nowMs) : waitingNotice(camera, look, isReachable, ageMs);
    this.#notice.dataset.tone = isDown && isReachable ? 'down' : 'waiting';
    setText(this.#title, notice.title);
    setText(this.#message, notice.message);
    setText(this.#code, notice.code);
    setText(this.#since, notice.since);
    setText(this.#outlook, notice.outlook);
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
