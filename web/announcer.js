import { sentenceOf, toneOf } from './camera-state.js';

/** @typedef {import('./camera-list.js').Camera} Camera */

// More changes at once are counted: a screen reader that reads twenty names is of no use.
const MOST_NAMED = 3;

/** Tells a screen reader which cameras came or went since the last look. */
export class Announcer {
  #element;
  /** @type {Map<string, string>} camera id to tone */
  #tones = new Map();

  /** @param {HTMLElement} element an `aria-live` region */
  constructor(element) {
    this.#element = element;
  }

  /** @param {Camera[]} cameras */
  note(cameras) {
    const changed = cameras.filter((camera) => {
      const before = this.#tones.get(camera.id);
      const now = toneOf(camera);
      return before !== undefined && before !== now && now !== 'starting';
    });
    for (const camera of cameras) {
      // On the way from down to live a camera is starting: that alone is no news, but what follows is.
      if (toneOf(camera) !== 'starting' || !this.#tones.has(camera.id)) this.#tones.set(camera.id, toneOf(camera));
    }
    if (changed.length > MOST_NAMED) this.#element.textContent = countsOf(changed);
    else if (changed.length > 0) this.#element.textContent = changed.map(sentenceOf).join('. ');
  }
}

/** @param {Camera[]} changed */
function countsOf(changed) {
  const down = changed.filter((camera) => toneOf(camera) === 'down').length;
  const parts = [
    down > 0 ? `${down} cameras down` : '',
    changed.length > down ? `${changed.length - down} cameras live` : '',
  ];
  return parts.filter(Boolean).join(', ');
}
