import { CameraFrame, WORDS } from './camera-frame.js';
import { StatusJudge } from './camera-status.js';
import { limitsFor } from './picture-size.js';
import { sharedLink } from './shared-links.js';
import { whenSettled } from './when-settled.js';

/** @typedef {import('./camera-status.js').Status} Status */
/** @typedef {import('./protocol.js').Cause} Cause */
/** @typedef {import('./protocol.js').Picture} Picture */

// Ages and states; four times a second looks immediate.
const TICK_MS = 250;

// The server that this module came from.
const DEFAULT_SERVER = new URL('..', import.meta.url).href;

/**
 * `<framewell-camera src="http://host:3000" camera="front-door">`: a camera's live picture. docs/web-component.md has
 * the attributes, events and parts.
 */
class FramewellCamera extends HTMLElement {
  static observedAttributes = ['src', 'camera', 'fit', 'alt'];

  #internals = this.attachInternals();
  #frame;
  /** @type {import('./subscription.js').Subscription | null} */
  #subscription = null;
  /** @type {Cause | null} What is wrong with the attributes. */
  #mistake = null;
  /** @type {Status} */
  #status = { name: 'connecting', cause: null };
  #judge = new StatusJudge();
  #isInSight = false;
  #ticker = 0;
  #sight = new IntersectionObserver((entries) => this.#noteSight(entries[entries.length - 1].isIntersecting));
  #followVisibility = () => this.#follow();
  #sizes = new ResizeObserver(whenSettled(() => this.#resize()));

  constructor() {
    super();
    this.#frame = new CameraFrame(this.attachShadow({ mode: 'open' }), (picture) => this.#notePainted(picture));
  }

  connectedCallback() {
    this.#sight.observe(this);
    this.#sizes.observe(this);
    document.addEventListener('visibilitychange', this.#followVisibility);
    this.#render();
  }

  disconnectedCallback() {
    this.#sight.disconnect();
    this.#sizes.disconnect();
    document.removeEventListener('visibilitychange', this.#followVisibility);
    this.#leave();
    this.#noteSight(false);
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    if (name === 'fit') this.#resize();
    if (name === 'src' || name === 'camera') {
      this.#leave();
      this.#frame.canvas.clear();
      this.#join();
    }
    this.#render();
  }

  /** `connecting`, `live`, `stale` or `down`. */
  get state() {
    return this.#status.name;
  }

  /** Why the camera is down: `{ code, message }`, or null. */
  get cause() {
    return this.#status.cause;
  }

  /** How old the picture that is seen is, in milliseconds; undefined while there is none. */
  get ageMs() {
    return this.#frame.canvas.ageMs;
  }

  /** Whether somebody may see it. */
  get #isSeen() {
    return this.#isInSight && !document.hidden;
  }

  /** @param {boolean} isInSight */
  #noteSight(isInSight) {
    this.#isInSight = isInSight;
    if (this.#subscription) this.#subscription.paused = !isInSight;
    this.#follow();
  }

  #follow() {
    clearInterval(this.#ticker);
    if (this.#isSeen) this.#ticker = setInterval(() => this.#render(), TICK_MS);
    // One that has never been seen asks for nothing.
    if (this.#isSeen && !this.#subscription) this.#join();
    this.#render();
  }

  #resize() {
    if (this.#subscription) this.#subscription.limits = this.#limits();
  }

  #join() {
    if (!this.#isSeen) return;
    const camera = this.getAttribute('camera');
    const server = this.#server();
    this.#mistake = mistakeIn(camera, server);
    if (!camera || this.#mistake) return;
    this.#subscription = sharedLink(server).subscribe(camera, this.#limits(), {
      onPicture: (picture) => this.#frame.canvas.show(picture),
      onChange: () => this.#noteChange(),
    });
  }

  #leave() {
    this.#subscription?.close();
    this.#subscription = null;
  }

  /** URL of the server; whatever `src` has if that is none. */
  #server() {
    const src = this.getAttribute('src');
    if (src === null) return DEFAULT_SERVER;
    return URL.canParse(src, document.baseURI) ? new URL(src, document.baseURI).href : src;
  }

  #limits() {
    const fit = this.getAttribute('fit') === 'cover' ? 'cover' : 'contain';
    return limitsFor({ width: this.clientWidth, height: this.clientHeight }, this.#subscription?.camera ?? {}, fit);
  }

  #noteChange() {
    // The camera's own size is known from now on, or is another one.
    if (this.#subscription?.camera) this.#resize();
    this.#render();
  }

  /** @param {Picture} picture */
  #notePainted(picture) {
    const { sequence, receivedAtMs, capturedAtMs, rung } = picture;
    const detail = { sequence, ageMs: this.ageMs, receivedAtMs, capturedAtMs, rung };
    this.dispatchEvent(new CustomEvent('framewell-picture', { detail, bubbles: true }));
    this.#render();
  }

  #render() {
    const { ageMs, picture, intervalMs } = this.#frame.canvas;
    const camera = this.#subscription?.camera ?? null;
    const cause = this.#mistake ?? this.#subscription?.cause ?? null;
    const isPaused = !this.#isSeen;
    const before = this.#status;
    this.#status = this.#judge.judge({ camera, cause, ageMs, intervalMs, isPaused }, performance.now());
    this.#frame.render(this.#status, { ageMs, isPaused, rung: picture?.rung ?? 0 });
    this.#describe(this.getAttribute('alt') ?? camera?.name ?? this.getAttribute('camera') ?? 'Camera');
    if (before.name === this.#status.name && before.cause?.code === this.#status.cause?.code) return;
    const detail = { state: this.state, cause: this.cause };
    this.dispatchEvent(new CustomEvent('framewell-state', { detail, bubbles: true }));
  }

  /** @param {string} name for a screen reader; empty for a picture that is mere decoration, as an image's alt */
  #describe(name) {
    const why = this.cause ? `. ${this.cause.message}` : '';
    const label = `${name}: ${WORDS[this.state].toLowerCase()}${why}`;
    if (this.#internals.ariaLabel === label) return;
    this.#internals.role = 'img';
    this.#internals.ariaLabel = label;
    this.#internals.ariaHidden = name === '' ? 'true' : null;
  }
}

/**
 * @param {string | null} camera
 * @param {string} server
 * @returns {Cause | null}
 */
function mistakeIn(camera, server) {
  const code = 'ERR_BAD_ATTRIBUTE';
  if (!/^https?:/.test(server))
    return { code, message: `Expected an http or https URL for src but received ${server}` };
  return camera ? null : { code, message: 'Expected the id of a camera for camera but received none' };
}

// Two servers on one page bring this module twice.
if (!customElements.get('framewell-camera')) customElements.define('framewell-camera', FramewellCamera);
