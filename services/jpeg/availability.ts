import { CameraUnavailableError, causeOf, type FramewellError, type StreamError } from '../errors.js';
import type { Cause } from '../stream/decode-backend.js';
import type { StreamState, StreamStateName } from '../stream/stream-status.js';

const SOON_S = 1;
/** Nothing changes at a parked or stopped camera until somebody acts. */
const PARKED_RETRY_S = 300;
/** After these the stream goes on. */
const FAULTS_OF_ONE_REQUEST: ReadonlySet<string> = new Set(['ERR_FRAME_TIMEOUT', 'ERR_OVERLOADED']);

const STOPPED: Cause = { code: 'ERR_STREAM_STOPPED', message: 'The stream was stopped on this side' };

const DOWN_WORDS: Partial<Record<StreamStateName, string>> = {
  parked: 'The camera is down until its settings change or a retry is asked for',
  closed: 'The camera was stopped',
};

/** Whether a new picture may come before `deadlineMs`, Unix time in milliseconds. */
export function isHopeful(state: StreamState, deadlineMs: number): boolean {
  switch (state.name) {
    case 'idle':
    case 'queued':
    case 'connecting':
    case 'awaitingKeyframe':
    case 'live':
      return true;
    case 'backingOff':
      return state.retryAtMs < deadlineMs;
    case 'parked':
    case 'closed':
      return false;
  }
}

/** Why no new picture comes, as far as the camera's state tells. */
export function causeOfState(state: StreamState): Cause | undefined {
  if (state.name === 'closed') return STOPPED;
  return 'cause' in state ? state.cause : undefined;
}

/** When a new picture may be there, in seconds from now. */
export function retryAfterS(state: StreamState, nowMs: number): number {
  switch (state.name) {
    case 'backingOff':
      return Math.max(SOON_S, Math.ceil((state.retryAtMs - nowMs) / 1000));
    case 'parked':
    case 'closed':
      return PARKED_RETRY_S;
    default:
      return SOON_S;
  }
}

/** @throws CameraUnavailableError when a picture cannot be hoped for in the next seconds. */
export function requireUp(state: StreamState): void {
  const down = whyDown(state, Date.now());
  if (down) throw down;
}

/** Why a camera gives no picture that never gave one. */
export function whyNone(state: StreamState, nowMs: number): CameraUnavailableError {
  const message = 'The camera has not sent its first keyframe yet';
  const options = { retryAfterS: SOON_S, cause: causeOfState(state) };
  return whyDown(state, nowMs) ?? new CameraUnavailableError('ERR_CAMERA_CONNECTING', message, options);
}

/** Why a picture that was being decoded did not come, as the API says it; `state` is that of now. */
export function whyNotDecoded(error: StreamError, state: StreamState, nowMs: number): FramewellError {
  if (error.statusCode !== 503) return error;
  const options = { retryAfterS: SOON_S, cause: causeOfState(state) };
  if (FAULTS_OF_ONE_REQUEST.has(error.code)) return new CameraUnavailableError(error.code, error.message, options);
  // Else the session has ended, and the state may be about to follow.
  const wentDown = { ...options, cause: causeOf(error) };
  return whyDown(state, nowMs) ?? new CameraUnavailableError('ERR_CAMERA_DOWN', 'The camera went down', wentDown);
}

/** Undefined for a camera that is up. */
function whyDown(state: StreamState, nowMs: number): CameraUnavailableError | undefined {
  if (state.name === 'live' || state.name === 'awaitingKeyframe') return undefined;
  const cause = causeOfState(state);
  const options = { retryAfterS: retryAfterS(state, nowMs), cause };
  if (cause === undefined) {
    return new CameraUnavailableError('ERR_CAMERA_CONNECTING', 'The camera is connecting', options);
  }
  return new CameraUnavailableError('ERR_CAMERA_DOWN', DOWN_WORDS[state.name] ?? 'The camera is down', options);
}
