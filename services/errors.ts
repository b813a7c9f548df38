import type { Cause } from './stream/decode-backend.js';

/**
 * Every code that a person or a program can meet, with the HTTP status it is answered with. Codes are stable: words
 * of messages may change, these do not.
 */
export const ERROR_CODES = {
  // The way to the camera
  ERR_RTSP_REFUSED: { status: 503, meaning: 'The camera refused the connection' },
  ERR_RTSP_UNREACHABLE: { status: 503, meaning: 'No way to the camera: network or host unreachable' },
  ERR_RTSP_DNS: { status: 503, meaning: "The camera's host name is not known" },
  ERR_CAMERA_NETWORK: { status: 503, meaning: 'The way to the camera leads out of CAMERA_NETWORKS' },
  ERR_RTSP_TIMEOUT: { status: 503, meaning: 'The camera did not answer in time' },
  ERR_RTSP_UNAUTHORIZED: { status: 503, meaning: 'The camera does not accept the user or the password (401)' },
  ERR_RTSP_FORBIDDEN: { status: 503, meaning: 'The camera forbids this stream to the user (403)' },
  ERR_RTSP_NOT_FOUND: { status: 503, meaning: "The camera has no stream at the URL's path (404)" },
  ERR_RTSP_BUSY: { status: 503, meaning: 'The camera serves all the viewers that it can (453)' },
  ERR_RTSP_REDIRECT: { status: 503, meaning: 'The camera redirects in a circle, too often or to no RTSP URL' },
  ERR_RTSP_STATUS: { status: 503, meaning: 'The camera answered with another RTSP error status' },
  ERR_RTSP_PROTOCOL: { status: 503, meaning: 'The camera sent what is not RTSP' },
  ERR_RTSP_TRANSPORT: { status: 503, meaning: 'No sockets or ports for the transport that was asked for' },
  ERR_RTSP_NO_VIDEO: { status: 503, meaning: 'The camera offers no video' },
  ERR_CREDENTIALS_MISSING: { status: 503, meaning: "The state file does not keep the camera's credentials" },
  // The stream
  ERR_STREAM_STALLED: { status: 503, meaning: 'The connection is open but no video arrives' },
  ERR_STREAM_ENDED: { status: 503, meaning: 'The camera ended the stream' },
  ERR_STREAM_STOPPED: { status: 503, meaning: 'The stream was stopped on this side' },
  ERR_STREAM_NOT_LIVE: { status: 503, meaning: 'The stream gives no pictures now' },
  ERR_PACKETS_LOST: { status: 503, meaning: 'Packets were lost; pictures resume with the next keyframe' },
  ERR_GOP_TOO_LARGE: { status: 503, meaning: 'A group of pictures outgrew GOP_RING_MAX_BYTES before it was decoded' },
  ERR_FRAME_TIMEOUT: { status: 503, meaning: 'No picture arrived within the time that the request may wait' },
  ERR_FRAME_STALE: { status: 503, meaning: 'No picture as new as the request asks for came in the time it may wait' },
  ERR_FRAME_NOT_KEPT: { status: 404, meaning: 'No picture of that time is kept' },
  // The engine
  ERR_CODEC_UNSUPPORTED: { status: 503, meaning: 'No decoder for the codec of the stream' },
  ERR_DECODE_FAILED: { status: 503, meaning: 'The stream could not be decoded' },
  ERR_ENCODE_FAILED: { status: 500, meaning: 'A picture could not be encoded' },
  ERR_PIXEL_FORMAT_UNSUPPORTED: { status: 503, meaning: 'The stream has a pixel format that is not supported' },
  ERR_FRAME_RELEASED: { status: 500, meaning: 'A frame was used after it had been released' },
  ERR_GPU_UNAVAILABLE: { status: 503, meaning: 'No GPU, driver or library for ENGINE=cuda; the message says which' },
  ERR_GPU_LOST: { status: 503, meaning: 'The GPU was lost while it worked on the picture' },
  ERR_GPU_MEMORY: { status: 503, meaning: 'The GPU has no memory left for it' },
  ERR_GPU_FAILED: { status: 503, meaning: 'A call to the GPU failed' },
  ERR_NATIVE_LOAD: { status: 500, meaning: 'The native addon could not be loaded' },
  // The API
  ERR_CAMERA_NOT_FOUND: { status: 404, meaning: 'No camera has this id' },
  ERR_CAMERA_EXISTS: { status: 409, meaning: 'Another camera has this id' },
  ERR_CAMERA_CONFIGURED: { status: 409, meaning: 'The camera is set up in .env, and is changed there' },
  ERR_UNAUTHORIZED: { status: 401, meaning: 'The request carries no token, session or signature that is valid now' },
  ERR_FORBIDDEN: { status: 403, meaning: 'The role of the caller does not allow this' },
  ERR_ADMIN_DISABLED: { status: 403, meaning: 'Changes over the API are off: no token of an administrator is set' },
  ERR_HOST_NOT_ALLOWED: { status: 403, meaning: 'Without a login only this machine is served, by its own names' },
  ERR_ORIGIN_NOT_ALLOWED: { status: 403, meaning: 'A page of another site may not open live streams here' },
  ERR_STATE_FILE: { status: 500, meaning: 'STATE_FILE could not be written; nothing was changed' },
  ERR_CAMERA_CONNECTING: { status: 503, meaning: 'The camera is not up yet' },
  ERR_CAMERA_DOWN: { status: 503, meaning: 'The camera is down; `cause` says why' },
  ERR_TOO_MANY_REQUESTS: { status: 429, meaning: 'The client has as many requests open as one client may have' },
  ERR_OVERLOADED: { status: 503, meaning: 'As much work waits as can be done in time; nothing was begun' },
  ERR_BAD_PARAMETER: { status: 400, meaning: 'A parameter is wrong; the message says what was expected' },
  ERR_BAD_REQUEST: { status: 400, meaning: 'The request is not well-formed' },
  ERR_ROUTE_NOT_FOUND: { status: 404, meaning: 'Nothing is served at this path' },
  ERR_UPGRADE_REQUIRED: { status: 426, meaning: 'The path speaks WebSocket only' },
  ERR_INTERNAL: { status: 500, meaning: 'A fault of this server; its log says more' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A code from outside TypeScript: the native engine's are all in the table, anything else is a fault. */
export function toErrorCode(code: string | undefined): ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'ERR_INTERNAL';
}

/** An error with a code to branch on. Its message is for people and holds no credential. */
export class FramewellError extends Error {
  readonly code: ErrorCode;
  /** The HTTP status that it is answered with. */
  readonly statusCode: number;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.statusCode = ERROR_CODES[code].status;
  }
}

/** What went wrong between the camera and its newest picture. */
export class StreamError extends FramewellError {}

/** What does not work now, but may later. */
export class RetryLaterError extends FramewellError {
  /** When it makes sense to ask again, in seconds from now. */
  readonly retryAfterS: number;

  constructor(code: ErrorCode, message: string, options: { retryAfterS: number; cause?: Cause | undefined }) {
    super(code, message, options.cause && { cause: options.cause });
    this.retryAfterS = options.retryAfterS;
  }
}

/** The camera gives no picture now, but may do so later. */
export class CameraUnavailableError extends RetryLaterError {}

/** A value from outside that is not what was expected. */
export class ParameterError extends FramewellError {
  readonly expected: string;
  readonly received: string;

  /** `received` is printed: a secret must have been replaced before. */
  constructor(parameter: string, expected: string, received: string) {
    super('ERR_BAD_PARAMETER', `Expected ${expected} for ${parameter} but received ${received}`);
    this.expected = expected;
    this.received = received;
  }
}

/** The code and words of anything thrown, fit for an answer: the words of foreign errors stay inside. */
export function causeOf(error: unknown): Cause {
  return error instanceof FramewellError
    ? { code: error.code, message: error.message }
    : { code: 'ERR_INTERNAL', message: ERROR_CODES.ERR_INTERNAL.meaning };
}
