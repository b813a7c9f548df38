/** @typedef {import('./protocol.js').CameraInfo} CameraInfo */
/** @typedef {import('./protocol.js').Cause} Cause */

/**
 * - `connecting`: there is no picture yet, or none since pictures began to come again
 * - `live`: pictures come
 * - `stale`: the camera is live, and yet no picture has come for a while
 * - `down`: no pictures come, and `cause` says why
 * @typedef {'connecting' | 'live' | 'stale' | 'down'} StatusName
 * @typedef {{ name: StatusName, cause: Cause | null }} Status
 *
 * @typedef {object} Known
 * @property {CameraInfo | null} camera what the server said last
 * @property {Cause | null} cause why the server says nothing
 * @property {number | undefined} ageMs of the picture that is seen
 * @property {number} intervalMs between the last two pictures
 * @property {boolean} isPaused whether pictures are not asked for, since nobody sees them
 */

const LEAST_STALE_MS = 3000;

// A camera that decodes keyframes only gives a picture per GOP, and smart codecs stretch a GOP to ten seconds.
const MOST_STALE_MS = 15_000;

/** @type {Status} */
const CONNECTING = { name: 'connecting', cause: null };

/** @type {Status} */
const LIVE = { name: 'live', cause: null };

/** Says of one camera what its viewer is to be told. */
export class StatusJudge {
  /** @type {number | null} Since when pictures should be coming; null while they should not. */
  #awaitedSince = null;

  /**
   * @param {Known} known
   * @param {number} now by performance.now()
   * @returns {Status}
   */
  judge({ camera, cause, ageMs, intervalMs, isPaused }, now) {
    const absence = absenceOf(camera, cause);
    this.#awaitedSince = absence || isPaused ? null : (this.#awaitedSince ?? now);
    if (absence) return absence;
    if (ageMs === undefined) return CONNECTING;
    const staleAfterMs = Math.min(Math.max(2 * intervalMs, LEAST_STALE_MS), MOST_STALE_MS);
    if (this.#awaitedSince === null || ageMs < staleAfterMs) return LIVE;
    // The first picture after a pause or a trouble is on its way.
    if (now - this.#awaitedSince < staleAfterMs) return CONNECTING;
    return { name: 'stale', cause: camera?.cause ?? null };
  }
}

/**
 * What is to be said of a camera that gives no pictures.
 * @param {CameraInfo | null} camera
 * @param {Cause | null} cause
 * @returns {Status | null}
 */
function absenceOf(camera, cause) {
  if (cause) return { name: 'down', cause };
  if (!camera) return CONNECTING;
  switch (camera.state) {
    // After a loss a camera awaits its next keyframe, and what is seen may still be of now.
    case 'live':
    case 'awaitingKeyframe':
      return null;
    case 'idle':
      return CONNECTING;
    // A cause is that of the try before.
    case 'queued':
    case 'connecting':
      return camera.cause ? { name: 'down', cause: camera.cause } : CONNECTING;
    default:
      return { name: 'down', cause: camera.cause ?? null };
  }
}
