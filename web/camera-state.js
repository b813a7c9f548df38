import { formatMoment, formatSpan } from './format.js';

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
  connecting: { tone: 'starting', word: 'Connecting' },
  awaitingKeyframe: { tone: 'starting', word: 'Awaiting keyframe' },
  backingOff: { tone: 'down', word: 'Down' },
  parked: { tone: 'down', word: 'Parked' },
  closed: { tone: 'down', word: 'Closed' },
};

/** @param {Camera} camera */
export function toneOf(camera) {
  return STATES[camera.state.name].tone;
}

/** @param {Camera} camera */
export function wordOf(camera) {
  return STATES[camera.state.name].word;
}

/**
 * Name and state as one sentence for a screen reader.
 * @param {Camera} camera
 */
export function sentenceOf(camera) {
  const cause = toneOf(camera) === 'live' ? undefined : camera.state.cause;
  return `${camera.name}: ${wordOf(camera).toLowerCase()}${cause ? `. ${cause.message}` : ''}`;
}

/**
 * What the server does about a camera that gives no picture.
 * @param {Camera} camera
 * @param {number} nowMs
 */
export function outlookOf({ state }, nowMs) {
  if (state.name === 'parked') return 'Not tried again until its settings change';
  if (state.name === 'closed') return 'Closed by the server';
  if (state.name !== 'backingOff' || state.retryAtMs === undefined) return '';
  const waitMs = state.retryAtMs - nowMs;
  return waitMs < 1000 ? 'Trying again now' : `Next try in ${formatSpan(waitMs)}`;
}

/**
 * @param {Camera} camera
 * @param {number} nowMs
 */
export function sinceOf({ state }, nowMs) {
  return `Since ${formatMoment(state.sinceMs, nowMs)} (${formatSpan(nowMs - state.sinceMs)})`;
}
