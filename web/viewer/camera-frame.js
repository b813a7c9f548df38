import { cameraStyle } from './camera-style.js';
import { make, setText } from './dom.js';
import { PictureCanvas } from './picture-canvas.js';
import { formatAge } from './time-words.js';

/** @typedef {import('./camera-status.js').Status} Status */

/** @type {Record<import('./camera-status.js').StatusName, string>} */
export const WORDS = { connecting: 'Connecting', live: 'Live', stale: 'Stale', down: 'Down' };

// A younger picture is one of now.
const LEAST_TOLD_MS = 1000;

/** What is inside the custom element: the picture, its state, and the words over it when it is not live. */
export class CameraFrame {
  #frame = make('div', { className: 'frame' });
  #state = make('p', { part: 'state' });
  #link = make('p', { part: 'link' }, 'Slow link');
  #message = make('p', { part: 'message' });
  #code = make('code', { part: 'code' });

  canvas;

  /**
   * @param {ShadowRoot} root
   * @param {(picture: import('./protocol.js').Picture) => void} onPainted
   */
  constructor(root, onPainted) {
    this.canvas = new PictureCanvas(onPainted);
    this.canvas.element.part = 'picture';
    this.#frame.append(this.canvas.element, this.#state, this.#link, this.#message, this.#code);
    // Not a style element: a page may forbid those by its content security policy.
    root.adoptedStyleSheets = [cameraStyle];
    root.append(this.#frame);
  }

  /**
   * @param {Status} status
   * @param {{ ageMs: number | undefined, isPaused: boolean, rung: number }} picture
   */
  render({ name, cause }, { ageMs, isPaused, rung }) {
    // Dimmed while nobody sees it, so that it does not look live when it comes into sight.
    const isNew = name === 'live' && !isPaused;
    this.#frame.dataset.state = name;
    this.#frame.dataset.picture = ageMs === undefined ? 'none' : isNew ? 'new' : 'old';
    setText(this.#state, WORDS[name] + ageWords(name, ageMs));
    this.#link.hidden = rung === 0 || name !== 'live';
    setText(this.#message, cause?.message ?? '');
    setText(this.#code, cause?.code ?? '');
  }
}

/**
 * @param {import('./camera-status.js').StatusName} name
 * @param {number | undefined} ageMs
 */
function ageWords(name, ageMs) {
  if (ageMs === undefined || ageMs < LEAST_TOLD_MS) return '';
  return name === 'live' ? ` · ${formatAge(ageMs)}` : ` · picture from ${formatAge(ageMs)}`;
}
