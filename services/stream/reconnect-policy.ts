import type { ErrorCode } from '../errors.js';
import type { Cause } from './decode-backend.js';
import { ReconnectDelay } from './reconnect-delay.js';

/** What is done about a session that ended. */
type Measure =
  /** Exponential waits. */
  | { readonly kind: 'backOff' }
  /** What is wrong does not pass in seconds, and asking again costs the camera. */
  | { readonly kind: 'wait'; readonly waitMs: number }
  /** After so many tries a person has to act. */
  | { readonly kind: 'park'; readonly tries: number };

const BACK_OFF: Measure = { kind: 'backOff' };
/** Asking again with refused credentials locks accounts on many cameras. */
const REFUSED_LOGIN: Measure = { kind: 'park', tries: 2 };
/** Until somebody changes the camera's settings, ours or a name server's. */
const WRONG_SETTINGS: Measure = { kind: 'wait', waitMs: 60_000 };
/** Until somebody else leaves the camera; every further try takes from what it is short of. */
const OVERLOADED: Measure = { kind: 'wait', waitMs: 120_000 };

/** By the code of the cause. Codes that are not named are faults of ours, and back off. */
const MEASURES: Readonly<Partial<Record<ErrorCode, Measure>>> = {
  ERR_RTSP_REFUSED: BACK_OFF,
  ERR_RTSP_UNREACHABLE: BACK_OFF,
  ERR_RTSP_DNS: BACK_OFF,
  ERR_CAMERA_NETWORK: WRONG_SETTINGS,
  ERR_RTSP_TIMEOUT: BACK_OFF,
  ERR_RTSP_UNAUTHORIZED: REFUSED_LOGIN,
  ERR_RTSP_FORBIDDEN: REFUSED_LOGIN,
  ERR_RTSP_NOT_FOUND: WRONG_SETTINGS,
  ERR_RTSP_BUSY: OVERLOADED,
  ERR_RTSP_REDIRECT: WRONG_SETTINGS,
  ERR_RTSP_STATUS: BACK_OFF,
  ERR_RTSP_PROTOCOL: BACK_OFF,
  ERR_RTSP_TRANSPORT: BACK_OFF,
  ERR_RTSP_NO_VIDEO: WRONG_SETTINGS,
  ERR_STREAM_STALLED: BACK_OFF,
  ERR_STREAM_ENDED: BACK_OFF,
  ERR_CODEC_UNSUPPORTED: WRONG_SETTINGS,
  ERR_DECODE_FAILED: BACK_OFF,
  ERR_CREDENTIALS_MISSING: { kind: 'park', tries: 1 },
  ERR_BAD_PARAMETER: { kind: 'park', tries: 1 },
};

/** How long pictures must have come before a failure counts as the first again, in milliseconds. */
const SUSTAINED_MS = 30_000;

export interface SessionEnd {
  readonly cause: Cause;
  /** Whether the camera let us in. */
  readonly wasConnected: boolean;
  /** From the first picture to the last. */
  readonly liveForMs: number;
}

export type Reconnect = { readonly kind: 'retry'; readonly waitMs: number } | { readonly kind: 'park' };

/**
 * When a camera is tried again. A camera that connects, shows a picture and fails again keeps its long waits: only
 * sustained frames reset them.
 */
export class ReconnectPolicy {
  readonly #delay: ReconnectDelay;
  /** Tries that count towards parking, since the camera let us in. */
  #refusals = 0;

  constructor(delay: ReconnectDelay = new ReconnectDelay()) {
    this.#delay = delay;
  }

  /** Tries that failed since pictures last came for long. */
  get failures(): number {
    return this.#delay.failures;
  }

  /** Somebody asked for another try: what was counted is forgotten. */
  reset(): void {
    this.#delay.reset();
    this.#refusals = 0;
  }

  afterSession({ cause, wasConnected, liveForMs }: SessionEnd): Reconnect {
    if (wasConnected) this.#refusals = 0;
    if (liveForMs >= SUSTAINED_MS) this.#delay.reset();
    const measure = MEASURES[cause.code as ErrorCode] ?? BACK_OFF;
    const waitMs = this.#delay.afterFailure(measure.kind === 'wait' ? measure.waitMs : undefined);
    if (measure.kind === 'park' && ++this.#refusals >= measure.tries) return { kind: 'park' };
    return { kind: 'retry', waitMs };
  }
}
