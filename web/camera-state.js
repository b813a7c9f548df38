import { formatMoment } from './format.js';
import { formatSpan } from './viewer/time-words.js';

/** @typedef {import('./camera-list.js').Camera} Camera */
/** @typedef {import('./camera-list.js').StateName} StateName */

/**
 * The groups that the page counts, colours and filters by.
 * @typedef {'live' | 'starting' | 'down'} Tone
 */

/** @type {Record<StateName, { tone: Tone, word: string }>} */
const STATES = {
  live: { tone: 'live', word: 'Live' },
  idle: { tone: 'starting', word: 'Idle' },
  queued: { tone: 'starting', word: 'Waiting to connect' },
  connecting: { tone: 'starting', word: 'Connecting' },
  awaitingKeyframe: { tone: 'starting', word: 'Awaiting keyframe' },
  backingOff: { tone: 'down', word: 'Down' },
  parked: { tone: 'down', word: 'Parked' },
  closed: { tone: 'down', word: 'Closed' },
};

/** @param {Camera} camera */
export function toneOf(camera) {
  return isRetrying(camera) ? 'down' : STATES[camera.state.name].tone;
}

/** @param {Camera} camera */
export function wordOf(camera) {
  return isRetrying(camera) ? 'Reconnecting' : STATES[camera.state.name].word;
}

/**
 * Why the camera gives no picture; undefined while it does or nothing is known.
 * @param {Camera} camera
 */
export function causeOf(camera) {
  return toneOf(camera) === 'live' ? undefined : camera.state.cause;
}

/**
 * A first try is a start; any further one follows a failure.
 * @param {Camera} camera
 */
function isRetrying({ state }) {
  return (state.name === 'connecting' || state.name === 'queued') && (state.attempt ?? 1) > 1;
}

/**
 * Name and state as one sentence for a screen reader.
 * @param {Camera} camera
 */
export function sentenceOf(camera) {
  const cause = causeOf(camera);
  return `${camera.name}: ${wordOf(camera).toLowerCase()}${cause ? `. ${cause.message}` : ''}`;
}

/**
 * What the server does about a camera that gives no picture.
 * @param {Camera} camera
 * @param {number} nowMs
 */
export function outlookOf(camera, nowMs) {
  const { state } = camera;
  if (state.name === 'queued') return 'Waiting for its turn to connect';
  if (isRetrying(camera)) return `Trying again now, attempt ${state.attempt}`;
  if (state.name === 'parked') return 'Not tried again until its settings change or somebody asks for it';
  if (state.name === 'closed') return 'Closed by the server';
  if (state.name !== 'backingOff' || state.retryAtMs === undefined) return '';
  const waitMs = state.retryAtMs - nowMs;
  return waitMs < 1000 ? 'Trying again now' : `Next try in ${formatSpan(waitMs)}`;
}

/**
 * Since when the camera is in its state, or without a picture if it is.
 * @param {Camera} camera
 * @param {number} nowMs
 */
export function sinceOf({ state }, nowMs) {
  const sinceMs = state.downSinceMs ?? state.sinceMs;
  return `Since ${formatMoment(sinceMs, nowMs)} (${formatSpan(nowMs - sinceMs)})`;
}
