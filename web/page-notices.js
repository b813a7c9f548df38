import { byId } from './dom.js';
import { formatMoment } from './format.js';
import { make, setText } from './viewer/dom.js';

const EXAMPLE = 'CAMERA_URL_1=rtsp://192.0.2.10/stream1\nCAMERA_USER_1=viewer\nCAMERA_PASSWORD_1=…';

/** @typedef {{ title: string, text: string, example?: string }} Blank */

/**
 * The line under the bar while the server does not answer.
 * @param {{ reason: string, sinceMs: number } | null} unreachable
 */
export function renderBanner(unreachable) {
  const banner = byId('banner');
  banner.hidden = unreachable === null;
  if (!unreachable) return;
  const since = formatMoment(unreachable.sinceMs, Date.now());
  setText(banner, `The server has not answered since ${since}: ${unreachable.reason}. Trying again every 2 seconds.`);
}

/**
 * What stands where the cameras would be.
 * @param {Blank | null} blank
 */
export function renderBlank(blank) {
  const element = byId('blank');
  element.hidden = blank === null;
  if (!blank || element.firstChild?.textContent === blank.title) return;
  element.replaceChildren(make('h2', {}, blank.title), make('p', {}, blank.text));
  if (blank.example) element.append(make('pre', {}, blank.example));
}

/**
 * @param {{ all: number, shown: number } | null} counts of cameras; null until the server answered once
 * @param {{ reason: string } | null} unreachable
 * @returns {Blank | null}
 */
export function blankFor(counts, unreachable) {
  if (!counts) {
    const text = `This page asked for its cameras: ${unreachable?.reason}. It goes on trying.`;
    return unreachable && { title: 'The server cannot be reached', text };
  }
  if (counts.all === 0) {
    const text = 'Name one in the file .env beside the server, then start the server again.';
    return { title: 'No camera yet', text, example: EXAMPLE };
  }
  return counts.shown === 0 ? { title: 'No camera matches', text: 'Clear the filter to see all of them.' } : null;
}
