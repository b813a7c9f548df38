import { toneOf } from './camera-state.js';
import { make, setText } from './viewer/dom.js';

/** @typedef {import('./camera-list.js').Camera} Camera */
/** @typedef {import('./camera-state.js').Tone} Tone */

/** @type {(Tone | 'all')[]} */
const COUNTED = ['all', 'live', 'starting', 'down'];

/** How many cameras are in which state; each count is a button that shows only those. */
export class Summary {
  /** @type {Tone | 'all'} */
  tone = 'all';
  #element;
  #buttons;

  /**
   * @param {HTMLElement} element
   * @param {() => void} onChange `tone` changed
   */
  constructor(element, onChange) {
    this.#element = element;
    this.#buttons = COUNTED.map((tone) => {
      const number = make('b');
      const word = make('span', {}, tone);
      const properties = { type: 'button', className: 'count', 'data-tone': tone, hidden: true };
      const button = make('button', properties, number, ' ', word);
      button.addEventListener('click', () => {
        this.tone = this.tone === tone ? 'all' : tone;
        onChange();
      });
      return { tone, button, number, word };
    });
    element.append(...this.#buttons.map(({ button }) => button));
  }

  /**
   * @param {Camera[]} cameras
   * @param {boolean} isReachable whether the counts are of now
   */
  render(cameras, isReachable) {
    this.#element.dataset.isCurrent = String(isReachable);
    for (const { tone, button, number, word } of this.#buttons) {
      const count = tone === 'all' ? cameras.length : cameras.filter((camera) => toneOf(camera) === tone).length;
      // A count of none is left out, unless it is the one that is chosen or the good news.
      button.hidden = cameras.length === 0 || (count === 0 && tone !== 'live' && tone !== this.tone);
      button.setAttribute('aria-pressed', String(tone === this.tone));
      setText(number, String(count));
      if (tone === 'all') setText(word, count === 1 ? 'camera' : 'cameras');
    }
  }
}
