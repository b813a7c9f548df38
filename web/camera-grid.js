import { CameraTile } from './camera-tile.js';
import { causeOf, toneOf } from './camera-state.js';
import { fitTiles } from './grid-layout.js';
import { whenSettled } from './viewer/when-settled.js';

/** @typedef {import('./camera-list.js').Camera} Camera */
/** @typedef {import('./camera-state.js').Tone} Tone */
/** @typedef {{ text: string, tone: Tone | 'all', sort: string }} Arrangement */

const TROUBLE_ORDER = { down: 0, starting: 1, live: 2 };

/** The tiles: which there are, in what order, and which of them stream, namely those that can be seen. */
export class CameraGrid {
  #list;
  #link;
  #onDoubt;
  /** @type {Map<string, CameraTile>} in the order of the configuration */
  #tiles = new Map();
  /** @type {Arrangement} */
  #arrangement = { text: '', tone: 'all', sort: 'configured' };
  #isCovered = false;
  /** Whether the server answered the last question. */
  isReachable = true;
  // A tile that is only scrolled past asks for nothing.
  #syncSettled = whenSettled(() => this.#sync());
  #sight = new IntersectionObserver((entries) => this.#noteSight(entries));
  #sizes = new ResizeObserver(this.#syncSettled);

  /**
   * @param {HTMLElement} list
   * @param {import('./viewer/viewer-link.js').ViewerLink} link carries all pictures
   * @param {() => void} onDoubt what a tile sees contradicts what the server said last
   */
  constructor(list, link, onDoubt) {
    this.#list = list;
    this.#link = link;
    this.#onDoubt = onDoubt;
  }

  /** @param {string} id */
  tile(id) {
    return this.#tiles.get(id);
  }

  /** Cameras in the order in which they are shown. */
  get shown() {
    return this.#arranged().map((tile) => tile.camera);
  }

  /**
   * Stops every picture, for a grid that is covered, or starts the visible ones again.
   * @param {boolean} isCovered
   */
  set covered(isCovered) {
    this.#isCovered = isCovered;
    this.#sync();
  }

  /** @param {Camera[]} cameras */
  update(cameras) {
    const before = this.#tiles;
    this.#tiles = new Map(cameras.map((camera) => [camera.id, before.get(camera.id) ?? this.#addTile(camera)]));
    for (const camera of cameras) /** @type {CameraTile} */ (this.#tiles.get(camera.id)).camera = camera;
    for (const [id, tile] of before) if (!this.#tiles.has(id)) this.#removeTile(tile);
    this.#place();
    this.#sync();
  }

  /** @param {Arrangement} arrangement */
  arrange(arrangement) {
    this.#arrangement = arrangement;
    this.#place();
  }

  render() {
    for (const tile of this.#tiles.values()) tile.render(this.isReachable);
  }

  /** Gives the tiles the size at which all of them are seen, where there is one; else they scroll. */
  fit() {
    const style = getComputedStyle(this.#list);
    const measures = {
      gap: parseFloat(style.columnGap),
      captionHeight: parseFloat(style.getPropertyValue('--caption-height')),
    };
    const { left, top } = this.#list.getBoundingClientRect();
    const space = {
      width: document.documentElement.clientWidth - 2 * left,
      height: window.innerHeight - (top + window.scrollY) - left,
    };
    const fitting = fitTiles(this.#list.children.length, space, measures);
    this.#list.style.gridTemplateColumns = fitting ? `repeat(${fitting.across}, ${fitting.width}px)` : '';
  }

  /** @param {Camera} camera */
  #addTile(camera) {
    const tile = new CameraTile(camera, this.#link, this.#onDoubt);
    this.#sight.observe(tile.element);
    this.#sizes.observe(tile.picture.element);
    return tile;
  }

  /** @param {CameraTile} tile */
  #removeTile(tile) {
    tile.picture.stop();
    this.#sight.unobserve(tile.element);
    this.#sizes.unobserve(tile.picture.element);
    tile.element.remove();
  }

  #arranged() {
    const { text, tone, sort } = this.#arrangement;
    const tiles = [...this.#tiles.values()].filter(
      ({ camera }) => (tone === 'all' || toneOf(camera) === tone) && matches(camera, text),
    );
    if (sort === 'name') {
      tiles.sort((a, b) => a.camera.name.localeCompare(b.camera.name, undefined, { numeric: true }));
    } else if (sort === 'trouble') {
      tiles.sort((a, b) => TROUBLE_ORDER[toneOf(a.camera)] - TROUBLE_ORDER[toneOf(b.camera)]);
    }
    return tiles;
  }

  /** Moves only what is out of place: moving an element takes the focus from it. */
  #place() {
    const focused = document.activeElement;
    const arranged = this.#arranged();
    const wanted = new Set(arranged.map((tile) => tile.element));
    for (const { element } of this.#tiles.values()) if (!wanted.has(element)) element.remove();
    arranged.forEach(({ element }, index) => {
      const there = this.#list.children[index];
      if (there !== element) this.#list.insertBefore(element, there ?? null);
    });
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
    this.fit();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #noteSight(entries) {
    for (const { target, isIntersecting } of entries) {
      const tile = this.#tiles.get(/** @type {HTMLElement} */ (target).dataset.camera ?? '');
      if (tile) tile.isVisible = isIntersecting;
    }
    this.#syncSettled();
  }

  #sync() {
    for (const { picture, camera, isVisible } of this.#tiles.values()) {
      if (isVisible && !this.#isCovered) picture.play(camera);
      else picture.stop();
    }
  }
}

/**
 * @param {Camera} camera
 * @param {string} text
 */
function matches(camera, text) {
  const cause = causeOf(camera);
  const words = [camera.id, camera.name, camera.codec, cause?.message, cause?.code].join(' ');
  return words.toLowerCase().includes(text.trim().toLowerCase());
}
