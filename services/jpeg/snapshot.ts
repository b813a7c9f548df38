import type { CameraStream } from '../cameras/camera-registry.js';
import { CameraUnavailableError, causeOf, FramewellError } from '../errors.js';
import type { EncodeOptions } from '../stream/decode-backend.js';
import type { StreamState } from '../stream/stream-status.js';
import type { Picture, PictureCache } from './picture-cache.js';

/** Longest wait for a picture, in milliseconds. Keyframes of most cameras are at most 4 s apart. */
const FRAME_TIMEOUT_MS = 5000;
const SOON_S = 1;
/** After these the stream goes on. */
const FAULTS_OF_ONE_REQUEST: ReadonlySet<string> = new Set(['ERR_DECODE_FAILED', 'ERR_GOP_TOO_LARGE']);
/** Nothing changes at a parked camera until somebody acts. */
const PARKED_RETRY_S = 300;

/**
 * The camera's newest picture, as new as the stream is now. Never an old one for a camera that is down:
 * @throws CameraUnavailableError ERR_CAMERA_CONNECTING, ERR_CAMERA_DOWN or ERR_FRAME_TIMEOUT
 */
export async function takeSnapshot(
  stream: CameraStream,
  pictures: PictureCache,
  options: EncodeOptions,
): Promise<Picture> {
  requireUp(stream.getStatus().state);
  const frame = await stream.getLatestFrame({ timeoutMs: FRAME_TIMEOUT_MS }).catch((error: unknown) => {
    throwUnavailable(error, stream.getStatus().state);
  });
  try {
    const jpeg = await pictures.jpegOf(frame, options);
    return { jpeg, sequence: frame.sequence, receivedAtMs: frame.receivedAtMs };
  } finally {
    frame.release();
  }
}

/** @throws CameraUnavailableError when a picture cannot be hoped for in the next seconds. */
export function requireUp(state: StreamState): void {
  switch (state.name) {
    case 'live':
    case 'awaitingKeyframe':
      return;
    case 'idle':
      throw new CameraUnavailableError('ERR_CAMERA_CONNECTING', 'The camera is connecting', { retryAfterS: SOON_S });
    case 'queued':
    case 'connecting': {
      const { cause } = state;
      if (cause)
        throw new CameraUnavailableError('ERR_CAMERA_DOWN', 'The camera is down', { retryAfterS: SOON_S, cause });
      throw new CameraUnavailableError('ERR_CAMERA_CONNECTING', 'The camera is connecting', { retryAfterS: SOON_S });
    }
    case 'backingOff': {
      const retryAfterS = Math.max(SOON_S, Math.ceil((state.retryAtMs - Date.now()) / 1000));
      throw new CameraUnavailableError('ERR_CAMERA_DOWN', 'The camera is down', { retryAfterS, cause: state.cause });
    }
    case 'parked':
      throw new CameraUnavailableError(
        'ERR_CAMERA_DOWN',
        'The camera is down until its settings change or a retry is asked for',
        {
          retryAfterS: PARKED_RETRY_S,
          cause: state.cause,
        },
      );
    case 'closed':
      throw new CameraUnavailableError('ERR_CAMERA_DOWN', 'The camera was stopped', {
        retryAfterS: PARKED_RETRY_S,
        cause: { code: 'ERR_STREAM_STOPPED', message: 'The stream was stopped on this side' },
      });
  }
}

/** Why the stream gave no picture, as the API says it; `state` is that of now. */
function throwUnavailable(error: unknown, state: StreamState): never {
  if (!(error instanceof FramewellError)) throw error;
  requireUp(state);
  const loss = state.name === 'awaitingKeyframe' ? state.cause : undefined;
  if (error.code === 'ERR_FRAME_TIMEOUT' || FAULTS_OF_ONE_REQUEST.has(error.code)) {
    throw new CameraUnavailableError(error.code, error.message, { retryAfterS: SOON_S, cause: loss });
  }
  if (state.name === 'awaitingKeyframe') {
    const message = 'The camera has not sent its first keyframe yet';
    throw new CameraUnavailableError('ERR_CAMERA_CONNECTING', message, { retryAfterS: SOON_S, cause: loss });
  }
  // The session has ended and the state is about to follow.
  const cause = causeOf(error);
  throw new CameraUnavailableError('ERR_CAMERA_DOWN', 'The camera went down', { retryAfterS: SOON_S, cause });
}
