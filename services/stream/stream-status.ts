import type { Cause, DecodeMode, EngineName, SessionStatus } from './decode-backend.js';

/** One camera's life. Times are Unix milliseconds. */
export type StreamState =
  | { readonly name: 'idle'; readonly sinceMs: number }
  | { readonly name: 'connecting'; readonly sinceMs: number; readonly attempt: number }
  | { readonly name: 'awaitingKeyframe'; readonly sinceMs: number; readonly cause?: Cause }
  | { readonly name: 'live'; readonly sinceMs: number }
  | {
      readonly name: 'backingOff';
      readonly sinceMs: number;
      readonly attempt: number;
      readonly cause: Cause;
      readonly retryAtMs: number;
    }
  | { readonly name: 'parked'; readonly sinceMs: number; readonly cause: Cause }
  | { readonly name: 'closed'; readonly sinceMs: number };

export interface StreamStatus {
  readonly state: StreamState;
  readonly engine: { readonly name: EngineName; readonly reason: string };
  readonly decodeMode: DecodeMode;
  /** Absent while no session is open. */
  readonly session?: SessionStatus;
  /** Survives the session that gave it. */
  readonly newestFrame?: { readonly sequence: number; readonly receivedAtMs: number };
  /** Sessions opened since the start. */
  readonly sessions: number;
}
