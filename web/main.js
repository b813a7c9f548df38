import { Announcer } from './announcer.js';
import { CameraGrid } from './camera-grid.js';
import { CameraList } from './camera-list.js';
import { toneOf } from './camera-state.js';
import { CameraView } from './camera-view.js';
import { byId } from './dom.js';
import { Login } from './login.js';
import { blankFor, renderBanner, renderBlank } from './page-notices.js';
import { Summary } from './summary.js';
import { bindThemeButton } from './theme.js';
import { sharedLink } from './viewer/shared-links.js';

/** @typedef {import('./camera-list.js').Camera} Camera */

// Ages, rates and countdowns; four times a second looks immediate and costs nothing that can be measured.
const TICK_MS = 250;

// Below this many cameras a filter is only in the way.
const FILTER_FROM = 7;

const filter = /** @type {HTMLInputElement} */ (byId('filter'));
const sort = /** @type {HTMLSelectElement} */ (byId('sort'));

/** @type {Camera[] | null} null until the server answered once */
let cameras = null;
/** @type {{ reason: string, sinceMs: number } | null} */
let unreachable = null;
let openedFromGrid = false;

const list = new CameraList({
  onCameras: noteCameras,
  onLoginRequired: noteLoginRequired,
  onUnreachable: noteUnreachable,
});
const login = new Login(() => list.refresh());
const link = sharedLink(new URL('.', document.baseURI).href);
const grid = new CameraGrid(byId('cameras'), link, () => list.refresh());
const view = new CameraView(link, { onClose: leaveView, onStep: stepView, onDoubt: () => list.refresh() });
const summary = new Summary(byId('summary'), arrange);
const announcer = new Announcer(byId('announcer'));

/** @param {Camera[]} news */
function noteCameras(news) {
  if (unreachable) link.retry();
  cameras = news;
  unreachable = null;
  login.settle();
  announcer.note(cameras);
  byId('tools').hidden = cameras.length < FILTER_FROM;
  renderBanner(null);
  grid.isReachable = true;
  grid.update(cameras);
  arrange();
  followHash();
}

function noteLoginRequired() {
  cameras = null;
  unreachable = null;
  renderBanner(null);
  login.require();
  grid.update([]);
  followHash();
}

/** @param {string} reason */
function noteUnreachable(reason) {
  unreachable = { reason, sinceMs: unreachable?.sinceMs ?? Date.now() };
  renderBanner(cameras && unreachable);
  grid.isReachable = false;
  grid.update(cameras ?? []);
  render();
}

function arrange() {
  grid.arrange({ text: filter.value, tone: summary.tone, sort: sort.value });
  render();
}

function render() {
  const isReachable = unreachable === null;
  summary.render(cameras ?? [], isReachable);
  grid.render();
  view.render(isReachable);
  renderTitle(isReachable);
  renderBlank(blankFor(cameras && { all: cameras.length, shown: grid.shown.length }, unreachable));
}

/** @param {boolean} isReachable */
function renderTitle(isReachable) {
  const down = (cameras ?? []).filter((camera) => toneOf(camera) === 'down').length;
  const news = isReachable ? (down > 0 ? `${down} down · ` : '') : 'No contact · ';
  const title = `${news}Framewell`;
  if (document.title !== title) document.title = title;
}

/** The hash names the camera of the large view, so that the view can be linked and Back leaves it. */
function followHash() {
  const id = decodeHash();
  const camera = cameras?.find((candidate) => candidate.id === id);
  if (camera) {
    view.show(camera, { first: grid.tile(camera.id)?.picture, canStep: grid.shown.length > 1 });
  } else if (view.camera) {
    closeView(view.camera);
  }
  grid.covered = view.camera !== null;
  render();
}

function decodeHash() {
  // A hash typed by hand may be no valid encoding.
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return location.hash.slice(1);
  }
}

/** @param {Camera} camera that was shown */
function closeView(camera) {
  const tile = grid.tile(camera.id);
  tile?.picture.adopt(view.picture);
  view.close();
  tile?.focus();
}

function leaveView() {
  if (openedFromGrid) {
    history.back();
    return;
  }
  history.replaceState(null, '', location.pathname + location.search);
  followHash();
}

/** @param {1 | -1} offset */
function stepView(offset) {
  const shown = grid.shown;
  const at = shown.findIndex((camera) => camera.id === view.camera?.id);
  if (shown.length < 2) return;
  const next = shown[(at + offset + shown.length) % shown.length];
  history.replaceState(null, '', `#${encodeURIComponent(next.id)}`);
  followHash();
}

function followVisibility() {
  if (document.hidden) list.stop();
  else list.start();
}

bindThemeButton(byId('theme'));
document.body.append(view.element);
filter.addEventListener('input', arrange);
sort.addEventListener('change', arrange);
document.addEventListener('visibilitychange', followVisibility);
window.addEventListener('resize', () => grid.fit());
window.addEventListener('hashchange', () => {
  openedFromGrid = view.camera === null;
  followHash();
});
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if (event.key === '/' && !isTyping && view.camera === null && !byId('tools').hidden) {
    event.preventDefault();
    filter.focus();
  }
});
setInterval(render, TICK_MS);
followVisibility();
