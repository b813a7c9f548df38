import type { Cause, DecodeMode, EngineUse, SessionStatus } from './decode-backend.js';
import type { StreamTotals } from './stream-totals.js';

/** What holds as long as no picture comes, over every try. Times are Unix milliseconds. */
interface Outage {
  /** When the last picture came; when the stream was started, where none ever came. */
  readonly downSinceMs: number;
  /** Why the last try failed, or what closed the gate; absent until something has gone wrong. */
  readonly cause?: Cause;
}

interface Try {
  /** Tries since pictures last came for long, this one included. */
  readonly attempt: number;
}

/** One camera's life. Times are Unix milliseconds. */
export type StreamState =
  | { readonly name: 'idle'; readonly sinceMs: number }
  /** Waits until fewer cameras are connecting; see ConnectTurns. */
  | ({ readonly name: 'queued'; readonly sinceMs: number } & Try & Outage)
  | ({ readonly name: 'connecting'; readonly sinceMs: number } & Try & Outage)
  | ({ readonly name: 'awaitingKeyframe'; readonly sinceMs: number } & Outage)
  | { readonly name: 'live'; readonly sinceMs: number }
  | ({ readonly name: 'backingOff'; readonly sinceMs: number; readonly retryAtMs: number } & Try & Failure)
  /** Tried again when somebody asks for it, not before. */
  | ({ readonly name: 'parked'; readonly sinceMs: number } & Try & Failure)
  | { readonly name: 'closed'; readonly sinceMs: number };

type Failure = Outage & { readonly cause: Cause };

export type StreamStateName = StreamState['name'];

export interface StreamStatus {
  readonly state: StreamState;
  /** The session's, once one is open; else the one that would serve it. */
  readonly engine: EngineUse;
  readonly decodeMode: DecodeMode;
  /** Absent while no session is open. */
  readonly session?: SessionStatus;
  /** Survives the session that gave it. */
  readonly newestFrame?: { readonly sequence: number; readonly receivedAtMs: number };
  /** Sessions opened since the start. */
  readonly sessions: number;
  /** Over all of them. */
  readonly totals: StreamTotals;
  /** How often each state was entered. */
  readonly transitions: Readonly<Partial<Record<StreamStateName, number>>>;
  /** How many sessions ended, by the code of their cause. */
  readonly endings: Readonly<Record<string, number>>;
}
