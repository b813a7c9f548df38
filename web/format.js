import { formatSpan } from './viewer/time-words.js';

const SECOND_MS = 1000;

const CODEC_NAMES = new Map([
  ['h264', 'H.264'],
  ['hevc', 'H.265'],
  ['h265', 'H.265'],
  ['mjpeg', 'MJPEG'],
  ['mpeg4', 'MPEG-4'],
  ['av1', 'AV1'],
]);

/**
 * @param {number | null | undefined} ms
 */
export function formatMilliseconds(ms) {
  if (ms === null || ms === undefined) return 'none';
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  return ms < 10 * SECOND_MS ? `${(ms / SECOND_MS).toFixed(1)} s` : formatSpan(ms);
}

/**
 * The time of day, with the date when it is not today's.
 * @param {number} atMs Unix time in milliseconds
 * @param {number} nowMs
 */
export function formatMoment(atMs, nowMs) {
  const at = new Date(atMs);
  const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const sameDay = at.toDateString() === new Date(nowMs).toDateString();
  return sameDay ? time : `${at.toLocaleDateString([], { day: 'numeric', month: 'short' })}, ${time}`;
}

/** @param {number} fps */
export function formatFps(fps) {
  return `${fps >= 9.95 ? Math.round(fps) : fps.toFixed(1)} fps`;
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** @param {number} kbps */
export function formatBitrate(kbps) {
  return kbps < 1000 ? `${Math.round(kbps)} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`;
}

/** @param {number} count */
export function formatCount(count) {
  return count.toLocaleString('en').replaceAll(',', '\u202f');
}

/** @param {string} codec */
export function formatCodec(codec) {
  return CODEC_NAMES.get(codec.toLowerCase()) ?? codec.toUpperCase();
}

/**
 * @param {number} width
 * @param {number} height
 */
export function formatSize(width, height) {
  return `${width}×${height}`;
}

/**
 * The customary short name of a 16:9 size, such as 1080p; the whole size of any other.
 * @param {number} width
 * @param {number} height
 */
export function formatShortSize(width, height) {
  return width * 9 === height * 16 ? `${height}p` : formatSize(width, height);
}

/** @param {'cpu' | 'cuda'} engine */
export function formatEngine(engine) {
  return engine.toUpperCase();
}
