import { CameraDetails } from './camera-details.js';
import { CameraPicture } from './camera-picture.js';
import { toneOf, wordOf } from './camera-state.js';
import { copyButton } from './copy.js';
import { make, setText } from './viewer/dom.js';
import { whenSettled } from './viewer/when-settled.js';

/** @typedef {import('./camera-list.js').Camera} Camera */

/** One camera, large, with everything that is known of it. A modal dialog: Escape closes it, arrows step on. */
export class CameraView {
  /** @type {Camera | null} */
  #camera = null;
  #picture;
  #details = new CameraDetails();
  #name = make('h2', { id: 'view-name' });
  #state = make('span', { className: 'state' });
  #address = make('code', { className: 'address' });
  #snapshot = pictureLink('Snapshot');
  #mjpeg = pictureLink('MJPEG');
  #sizes = new ResizeObserver(whenSettled(() => this.#sync()));

  element;

  /**
   * @param {import('./viewer/viewer-link.js').ViewerLink} link
   * @param {object} listeners
   * @param {() => void} listeners.onClose
   * @param {(offset: 1 | -1) => void} listeners.onStep the camera before or after is asked for
   * @param {() => void} listeners.onDoubt what is seen contradicts what the server said last
   */
  constructor(link, { onClose, onStep, onDoubt }) {
    this.#picture = new CameraPicture(link, onDoubt);
    this.element = make(
      'dialog',
      { className: 'view', tabIndex: -1, 'aria-labelledby': 'view-name' },
      ...this.#parts(onClose, onStep),
    );
    // The browser closes the dialog on Escape by itself; close() below has no camera left when the event comes.
    this.element.addEventListener('close', () => {
      if (this.#camera) onClose();
    });
    this.element.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowRight') onStep(1);
      if (key === 'ArrowLeft') onStep(-1);
    });
    this.#sizes.observe(this.#picture.element);
  }

  /** For the tile to take over when the view closes. */
  get picture() {
    return this.#picture;
  }

  /** The camera that is shown; null while the view is closed. */
  get camera() {
    return this.#camera;
  }

  /**
   * Shows a camera, or the newest news of the one that is shown.
   * @param {Camera} camera
   * @param {object} options
   * @param {CameraPicture} [options.first] has a picture to begin with
   * @param {boolean} options.canStep whether there are other cameras
   */
  show(camera, { first, canStep }) {
    const isOther = camera.id !== this.#camera?.id;
    this.#camera = camera;
    this.element.dataset.canStep = String(canStep);
    if (isOther) this.#begin(camera, first);
    this.#sync();
  }

  close() {
    this.#camera = null;
    this.#picture.stop();
    this.element.close();
  }

  /** @param {boolean} isReachable */
  render(isReachable) {
    if (!this.#camera) return;
    this.#picture.render(this.#camera, isReachable);
    this.#details.render(this.#camera, this.#picture);
    this.element.dataset.tone = isReachable ? toneOf(this.#camera) : 'unknown';
    setText(this.#name, this.#camera.name);
    setText(this.#state, isReachable ? wordOf(this.#camera) : 'No contact');
    setText(this.#address, this.#camera.url);
  }

  /**
   * @param {Camera} camera
   * @param {CameraPicture} [first]
   */
  #begin(camera, first) {
    this.#picture.clear();
    if (first) this.#picture.adopt(first);
    const base = new URL(`cameras/${encodeURIComponent(camera.id)}/`, document.baseURI);
    this.#snapshot.href = new URL('snapshot.jpg', base).href;
    this.#mjpeg.href = new URL('stream.mjpeg', base).href;
    if (this.element.open) return;
    this.element.showModal();
    // Else the first button has the focus, and Enter would step on.
    this.element.focus();
  }

  #sync() {
    // A dialog that just closed has a picture of no size, which is no size to ask for.
    if (this.#camera && this.element.open) this.#picture.play(this.#camera);
  }

  /**
   * @param {() => void} onClose
   * @param {(offset: 1 | -1) => void} onStep
   */
  #parts(onClose, onStep) {
    const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {() => void} */ act) => {
      const className = act === onClose ? 'quiet' : 'quiet step';
      const element = make('button', { type: 'button', className, title: label, ariaLabel: label }, sign);
      element.addEventListener('click', act);
      return element;
    };
    const bar = make(
      'header',
      { className: 'view-bar' },
      this.#name,
      this.#state,
      button('‹', 'Camera before (left arrow)', () => onStep(-1)),
      button('›', 'Camera after (right arrow)', () => onStep(1)),
      button('✕', 'Close (Escape)', onClose),
    );
    const links = make(
      'div',
      { className: 'links' },
      ...this.#linkRow(this.#snapshot, 'snapshot URL'),
      ...this.#linkRow(this.#mjpeg, 'MJPEG URL'),
      make('span', {}, 'This view'),
      copyButton('the URL of this view', () => location.href),
    );
    const panel = make(
      'aside',
      { className: 'panel', ariaLabel: 'Details' },
      this.#details.element,
      make('section', {}, make('h3', {}, 'Use elsewhere'), links),
      make('section', {}, make('h3', {}, 'Address'), this.#address),
    );
    return [bar, make('div', { className: 'view-body' }, this.#picture.element, panel)];
  }

  /**
   * @param {HTMLAnchorElement} link
   * @param {string} label
   */
  #linkRow(link, label) {
    return [link, copyButton(label, () => link.href)];
  }
}

/** @param {string} text */
function pictureLink(text) {
  return make('a', { target: '_blank', rel: 'noopener' }, text);
}
