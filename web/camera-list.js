/**
 * @typedef {{ code: string, message: string }} Cause
 * @typedef {'idle' | 'queued' | 'connecting' | 'awaitingKeyframe' | 'live' | 'backingOff' | 'parked' | 'closed'} StateName
 * @typedef {object} CameraState
 * @property {StateName} name
 * @property {number} sinceMs Unix time in milliseconds by this machine's clock
 * @property {number} [downSinceMs] since when no picture comes, over every try; as sinceMs
 * @property {Cause} [cause]
 * @property {number} [retryAtMs] Unix time in milliseconds by this machine's clock
 * @property {number} [attempt]
 *
 * What GET /cameras says of one camera; the state's times are moved to this machine's clock.
 * @typedef {object} Camera
 * @property {string} id
 * @property {string} name
 * @property {string} url without credentials
 * @property {CameraState} state
 * @property {string | null} [codec]
 * @property {number | null} [width]
 * @property {number | null} [height]
 * @property {number | null} [fps]
 * @property {number | null} [bitrateKbps]
 * @property {{ name: 'cpu' | 'cuda', reason: string }} engine
 * @property {{ mode: 'on-demand' | 'always' | 'keyframes', running: boolean }} decode
 * @property {{ accessUnits: number, bytes: number, overflowed: boolean }} [ring]
 * @property {{ accessUnitMs?: number | null, keyframeMs?: number | null, frameMs?: number | null }} [ages]
 * @property {number} [viewers]
 * @property {number | null} [keyframeIntervalMs]
 * @property {Record<string, any>} [counters]
 */

/** The server wants to know who asks. */
class LoginRequired extends Error {}

const POLL_INTERVAL_MS = 2000;
const POLL_TIMEOUT_MS = 5000;

// The Date header counts whole seconds; a smaller difference is rounding and the way, not a wrong clock.
const SMALLEST_SKEW_MS = 2500;

/** Asks for GET /cameras every two seconds, never twice at once. */
export class CameraList {
  #onCameras;
  #onLoginRequired;
  #onUnreachable;
  /** @type {AbortController | null} Set while a request is under way. */
  #request = null;
  #timer = 0;
  #running = false;
  #askAgain = false;

  /**
   * @param {object} listeners
   * @param {(cameras: Camera[]) => void} listeners.onCameras
   * @param {() => void} listeners.onLoginRequired
   * @param {(reason: string) => void} listeners.onUnreachable
   */
  constructor({ onCameras, onLoginRequired, onUnreachable }) {
    this.#onCameras = onCameras;
    this.#onLoginRequired = onLoginRequired;
    this.#onUnreachable = onUnreachable;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    void this.#poll();
  }

  /** Aborts the request under way. */
  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = null;
  }

  /** Asks now, for instance because a picture socket was lost. */
  refresh() {
    if (!this.#running) return;
    if (this.#request) {
      this.#askAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    void this.#poll();
  }

  async #poll() {
    const request = new AbortController();
    this.#request = request;
    this.#askAgain = false;
    const timeout = setTimeout(() => request.abort(), POLL_TIMEOUT_MS);
    try {
      const cameras = await fetchCameras(request.signal);
      if (this.#request === request) this.#onCameras(cameras);
    } catch (error) {
      // stop() takes the request away before it aborts it; then nobody waits for the answer.
      if (this.#request === request) {
        if (error instanceof LoginRequired) this.#onLoginRequired();
        else this.#onUnreachable(request.signal.aborted ? 'no answer within 5 s' : words(error));
      }
    } finally {
      clearTimeout(timeout);
      if (this.#request === request) {
        this.#request = null;
        this.#timer = setTimeout(() => void this.#poll(), this.#askAgain ? 0 : POLL_INTERVAL_MS);
      }
    }
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<Camera[]>}
 */
async function fetchCameras(signal) {
  const response = await fetch(new URL('cameras', document.baseURI), { signal, cache: 'no-store' });
  if (response.status === 401) throw new LoginRequired();
  if (!response.ok) throw new Error(`it answered ${response.status} ${response.statusText}`);
  const { cameras } = await response.json();
  const skewMs = clockSkew(response.headers.get('date'));
  return cameras.map((/** @type {any} */ camera) => ({ ...camera, state: localState(camera.state, skewMs) }));
}

/**
 * @param {any} state as served
 * @param {number} skewMs
 * @returns {CameraState}
 */
function localState({ since, downSince, retryAt, ...rest }, skewMs) {
  const local = (/** @type {string} */ time) => Date.parse(time) - skewMs;
  return {
    ...rest,
    sinceMs: local(since),
    ...(downSince && { downSinceMs: local(downSince) }),
    ...(retryAt && { retryAtMs: local(retryAt) }),
  };
}

/**
 * How far the server's clock is ahead of this machine's, in milliseconds: a wall tablet's clock is often wrong, and
 * "down since" and "next try" would be wrong with it.
 * @param {string | null} dateHeader
 */
function clockSkew(dateHeader) {
  const skewMs = dateHeader ? Date.parse(dateHeader) - Date.now() : 0;
  return Math.abs(skewMs) > SMALLEST_SKEW_MS ? skewMs : 0;
}

/** @param {unknown} error */
function words(error) {
  // fetch() says only "Failed to fetch" or "NetworkError" when there is no connection.
  if (error instanceof TypeError) return 'no connection';
  return error instanceof Error ? error.message : String(error);
}
