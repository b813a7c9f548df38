import { CameraPicture } from './camera-picture.js';
import { sentenceOf, toneOf, wordOf } from './camera-state.js';
import { formatCodec, formatEngine, formatFps, formatShortSize } from './format.js';
import { make, setText } from './viewer/dom.js';
import { formatAge } from './viewer/time-words.js';

/** @typedef {import('./camera-list.js').Camera} Camera */

/** One camera in the grid: its picture, name, state and a line of facts. A link to its large view. */
export class CameraTile {
  #name = make('span', { className: 'name' });
  #state = make('span', { className: 'state' });
  #facts = make('span', { className: 'facts' });
  #age = make('span', { className: 'age' });
  #sentence = make('span', { className: 'visually-hidden' });
  #link;

  picture;
  element;
  isVisible = false;

  /**
   * @param {Camera} camera
   * @param {import('./viewer/viewer-link.js').ViewerLink} link
   * @param {() => void} onDoubt what is seen contradicts what the server said last
   */
  constructor(camera, link, onDoubt) {
    this.camera = camera;
    this.picture = new CameraPicture(link, onDoubt);
    this.#link = make(
      'a',
      { className: 'tile', href: `#${encodeURIComponent(camera.id)}` },
      this.#sentence,
      this.picture.element,
      make('span', { className: 'caption', 'aria-hidden': true }, this.#name, this.#state, this.#facts, this.#age),
    );
    // The sentence says it all, in words; ages that change four times a second are not for reading out.
    this.picture.element.setAttribute('aria-hidden', 'true');
    this.element = make('li', { 'data-camera': camera.id }, this.#link);
  }

  /** @param {boolean} isReachable */
  render(isReachable) {
    const { camera, picture } = this;
    picture.render(camera, isReachable);
    this.#link.dataset.tone = isReachable ? toneOf(camera) : 'unknown';
    setText(this.#sentence, isReachable ? sentenceOf(camera) : `${camera.name}: no contact with the server`);
    setText(this.#name, camera.name);
    setText(this.#state, isReachable ? wordOf(camera) : 'No contact');
    setText(this.#facts, this.#factsLine());
    setText(this.#age, picture.ageMs === undefined ? '' : formatAge(picture.ageMs));
  }

  focus() {
    this.#link.focus();
  }

  #factsLine() {
    const { codec, width, height, engine } = this.camera;
    const { fps } = this.picture;
    const facts = [
      fps > 0 ? formatFps(fps) : '',
      formatEngine(engine.name),
      codec ? formatCodec(codec) : '',
      width && height ? formatShortSize(width, height) : '',
    ];
    return facts.filter(Boolean).join(' · ');
  }
}
