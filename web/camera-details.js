import { causeOf, outlookOf, sinceOf, toneOf } from './camera-state.js';
import {
  formatBitrate,
  formatBytes,
  formatCodec,
  formatCount,
  formatEngine,
  formatFps,
  formatMilliseconds,
  formatSize,
} from './format.js';
import { make, setText } from './viewer/dom.js';

/** @typedef {import('./camera-list.js').Camera} Camera */
/** @typedef {import('./camera-picture.js').CameraPicture} CameraPicture */
/** @typedef {(camera: Camera, picture: CameraPicture, nowMs: number) => string} Fact */

const UNKNOWN = '–';

/**
 * What is said of a camera, group by group. A fact that gives an empty text is left out.
 * @type {[title: string, facts: [name: string, fact: Fact][]][]}
 */
const GROUPS = [
  [
    'State',
    [
      ['Since', (camera, _, nowMs) => sinceOf(camera, nowMs).replace('Since ', '')],
      ['Cause', (camera) => causeOf(camera)?.message ?? ''],
      ['Code', (camera) => causeOf(camera)?.code ?? ''],
      ['Attempt', ({ state }) => (state.attempt === undefined ? '' : String(state.attempt))],
      ['Reconnects', reconnectWords],
      ['Retry', (camera, _, nowMs) => (toneOf(camera) === 'down' ? outlookOf(camera, nowMs) : '')],
    ],
  ],
  [
    'Stream',
    [
      ['Codec', ({ codec }) => (codec ? formatCodec(codec) : UNKNOWN)],
      ['Size', ({ width, height }) => (width && height ? formatSize(width, height) : UNKNOWN)],
      ['Rate', ({ fps }) => (fps ? formatFps(fps) : UNKNOWN)],
      ['Bitrate', ({ bitrateKbps }) => (bitrateKbps ? formatBitrate(bitrateKbps) : UNKNOWN)],
      ['Last data', ({ ages }) => formatMilliseconds(ages?.accessUnitMs)],
      ['Last keyframe', ({ ages }) => formatMilliseconds(ages?.keyframeMs)],
      ['Keyframe interval', ({ keyframeIntervalMs }) => formatMilliseconds(keyframeIntervalMs)],
    ],
  ],
  [
    'Picture',
    [
      ['Shown here', (_, { fps }) => (fps > 0 ? formatFps(fps) : UNKNOWN)],
      ['Age here', (_, { ageMs }) => (ageMs === undefined ? 'none' : formatMilliseconds(ageMs))],
      ['Age at the server', ({ ages }) => formatMilliseconds(ages?.frameMs)],
      ['Link', linkWords],
      ['Viewers', ({ viewers }) => (viewers === undefined ? '' : String(viewers))],
    ],
  ],
  [
    'Decoding',
    [
      ['Engine', ({ engine }) => formatEngine(engine.name)],
      ['Why', ({ engine }) => engine.reason],
      ['Decoder', decoderWords],
      ['GOP ring', ringWords],
    ],
  ],
];

const COUNTER_NAMES = new Map([
  ['sessions', 'Connections'],
  ['accessUnits', 'Access units'],
  ['keyframes', 'Keyframes'],
  ['bytes', 'Bytes'],
  ['decodedFrames', 'Decoded frames'],
  ['losses', 'Losses'],
]);

/** Everything that the server says of one camera, kept up to date in place so that it can be read and selected. */
export class CameraDetails {
  /** @type {{ fact: Fact, row: HTMLElement, value: HTMLElement }[]} */
  #rows = [];
  element = make('div', { className: 'details' });

  constructor() {
    for (const [title, facts] of GROUPS) this.#addGroup(title, facts);
    const counters = [...COUNTER_NAMES].map(([key, name]) => {
      /** @type {Fact} */
      const fact = ({ counters }) => {
        const count = counters?.[key];
        if (count === undefined) return '';
        return key === 'bytes' ? formatBytes(count) : formatCount(count);
      };
      return /** @type {[string, Fact]} */ ([name, fact]);
    });
    this.#addGroup('Counters', counters);
  }

  /**
   * @param {Camera} camera
   * @param {CameraPicture} picture
   */
  render(camera, picture) {
    const nowMs = Date.now();
    for (const { fact, row, value } of this.#rows) {
      const text = fact(camera, picture, nowMs);
      row.hidden = text === '';
      setText(value, text);
    }
  }

  /**
   * @param {string} title
   * @param {[string, Fact][]} facts
   */
  #addGroup(title, facts) {
    const list = make('dl', {});
    for (const [name, fact] of facts) {
      const value = make('dd');
      const row = make('div', { className: 'fact' }, make('dt', {}, name), value);
      this.#rows.push({ fact, row, value });
      list.append(row);
    }
    this.element.append(make('section', {}, make('h3', {}, title), list));
  }
}

/** @type {Fact} */
function decoderWords(camera) {
  const { decode, ring } = camera;
  if (toneOf(camera) !== 'live') return 'Not running';
  if (decode.mode === 'always') return decode.running ? 'Running, as configured: always' : 'Not running';
  if (decode.mode === 'keyframes') return decode.running ? 'Running, keyframes only' : 'Not running, keyframes only';
  if (!decode.running) return 'Resting until somebody asks';
  return ring?.overflowed ? 'Running, the ring overflowed' : 'Running on demand';
}

/** @type {Fact} */
function reconnectWords({ counters }) {
  const endings = Object.entries(counters?.endings ?? {});
  return endings.map(([code, count]) => `${formatCount(count)} × ${code}`).join(', ');
}

/** @type {Fact} */
function linkWords(_, { rung, linkKbps }) {
  if (rung === 0) return '';
  return `Slow${linkKbps === null ? '' : `, ${formatBitrate(linkKbps)}`}: smaller pictures, step ${rung}`;
}

/** @type {Fact} */
function ringWords({ ring }) {
  if (!ring) return UNKNOWN;
  const words = `${ring.accessUnits} access units, ${formatBytes(ring.bytes)}`;
  return ring.overflowed ? `${words}, overflowed` : words;
}
