import type { CameraSource } from '../cameras/camera-source.js';
import { StreamError } from '../errors.js';
import { systemClock, type Clock } from './clock.js';
import type {
  Cause,
  DecodeBackend,
  DecodedFrame,
  DecodeSession,
  SessionEvent,
  SessionOptions,
} from './decode-backend.js';
import { setFrameOwner } from './frame-owner.js';
import { ReconnectDelay } from './reconnect-delay.js';
import type { StreamState, StreamStatus } from './stream-status.js';

export type StreamDecoderOptions = Omit<SessionOptions, 'firstSequence'>;

export interface LatestFrameOptions {
  /** The picture must be newer than this one; any picture when absent. */
  readonly afterSequence?: number;
  /** Longest wait in milliseconds; as long as the session lasts when absent. */
  readonly timeoutMs?: number;
}

/** Asking again with refused credentials locks accounts on many cameras: two tries, then a person has to act. */
const LOGIN_TRIES = 2;
const LOGIN_REFUSED = new Set(['ERR_RTSP_UNAUTHORIZED', 'ERR_RTSP_FORBIDDEN']);

/**
 * One camera over all its sessions: connects, reconnects, and gives out its newest picture. One connection at a time,
 * whoever and however many ask.
 */
export class StreamDecoder {
  readonly #source: CameraSource;
  readonly #options: StreamDecoderOptions;
  readonly #backend: DecodeBackend;
  readonly #clock: Clock;
  readonly #listeners = new Set<(state: StreamState) => void>();
  readonly #stop = new AbortController();
  #state: StreamState;
  #session: DecodeSession | undefined;
  #run: Promise<void> | undefined;
  #liveSinceMs: number | undefined;
  #newestFrame: StreamStatus['newestFrame'];
  #nextSequence = 1;
  #sessions = 0;

  constructor(source: CameraSource, options: StreamDecoderOptions, backend: DecodeBackend, clock: Clock = systemClock) {
    this.#source = source;
    this.#options = options;
    this.#backend = backend;
    this.#clock = clock;
    this.#state = { name: 'idle', sinceMs: clock.now() };
  }

  /** Connects, and keeps connecting until `stop()`. A second call does nothing. */
  start(): void {
    if (this.#stop.signal.aborted)
      throw new StreamError('ERR_STREAM_STOPPED', 'Expected a stream that was not stopped');
    this.#run ??= this.#runSessions();
  }

  /** Ends the session and every wait. Resolves when the camera's thread has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#session?.stop();
    await this.#run;
    this.#enter({ name: 'closed', sinceMs: this.#clock.now() });
  }

  /**
   * The newest picture, as new as the stream is now; decodes it if need be. The caller releases it.
   * @throws StreamError ERR_STREAM_NOT_LIVE when there is nothing to decode (its `cause` is why),
   *   ERR_FRAME_TIMEOUT, or the code with which the session ended meanwhile.
   */
  async getLatestFrame(options: LatestFrameOptions = {}): Promise<DecodedFrame> {
    if (this.#session === undefined || this.#liveSinceMs === undefined) throw this.#notLive();
    const frame = await within(this.#session.nextFrame(options.afterSequence ?? -1), options.timeoutMs);
    setFrameOwner(frame, this.#backend);
    return frame;
  }

  /** Whether the camera has answered and its session is open. */
  isConnected(): boolean {
    return this.#state.name === 'awaitingKeyframe' || this.#state.name === 'live';
  }

  /** Decoded frames held now, at most the `bufferSize` asked for. */
  getBufferSize(): number {
    return this.#session?.status().bufferedFrames ?? 0;
  }

  getStatus(): StreamStatus {
    const session = this.#session?.status();
    const newestFrame = session?.newestFrame ?? this.#newestFrame;
    return {
      state: this.#state,
      engine: { name: this.#backend.engine, reason: this.#backend.reason },
      decodeMode: this.#options.decode,
      ...(session && { session }),
      ...(newestFrame && { newestFrame }),
      sessions: this.#sessions,
    };
  }

  /** Calls `listener` with every state that follows, in order. Returns what ends that. */
  onStateChange(listener: (state: StreamState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The retry loop around `#runSession`. */
  async #runSessions(): Promise<void> {
    const delay = new ReconnectDelay();
    let refusedLogins = 0;
    while (!this.#isStopped()) {
      const { cause, liveForMs } = await this.#runSession(delay.failures + 1);
      if (this.#isStopped()) return;
      refusedLogins = LOGIN_REFUSED.has(cause.code) ? refusedLogins + 1 : 0;
      const sinceMs = this.#clock.now();
      if (refusedLogins === LOGIN_TRIES) {
        this.#enter({ name: 'parked', sinceMs, cause });
        return;
      }
      const waitMs = delay.afterSession(liveForMs);
      this.#enter({ name: 'backingOff', sinceMs, attempt: delay.failures, cause, retryAtMs: sinceMs + waitMs });
      await this.#clock.sleep(waitMs, this.#stop.signal);
    }
  }

  /** One session from connect to its end. */
  async #runSession(attempt: number): Promise<{ cause: Cause; liveForMs: number }> {
    this.#enter({ name: 'connecting', sinceMs: this.#clock.now(), attempt });
    this.#sessions += 1;
    const options = { ...this.#options, firstSequence: this.#nextSequence };
    const session = this.#backend.openSession(this.#source, options, (event) => {
      this.#onEvent(event);
    });
    this.#session = session;
    const cause = await session.ended;
    const { nextSequence, newestFrame } = session.status();
    this.#nextSequence = nextSequence;
    this.#newestFrame = newestFrame ?? this.#newestFrame;
    const liveForMs = this.#liveSinceMs === undefined ? 0 : this.#clock.now() - this.#liveSinceMs;
    this.#session = undefined;
    this.#liveSinceMs = undefined;
    return { cause, liveForMs };
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #onEvent(event: SessionEvent): void {
    const sinceMs = this.#clock.now();
    switch (event.type) {
      case 'connected':
        return;
      case 'awaitingKeyframe':
        this.#enter({ name: 'awaitingKeyframe', sinceMs, ...(event.cause && { cause: event.cause }) });
        return;
      case 'live':
        this.#liveSinceMs ??= sinceMs;
        this.#enter({ name: 'live', sinceMs });
    }
  }

  #enter(state: StreamState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  #notLive(): StreamError {
    const cause = 'cause' in this.#state ? this.#state.cause : undefined;
    const why = cause ? `${this.#state.name}: ${cause.message}` : this.#state.name;
    return new StreamError('ERR_STREAM_NOT_LIVE', `Expected a live stream but it is ${why}`, { cause });
  }
}

/** A frame that comes after the time-out is released, since nobody else will. */
async function within(frame: Promise<DecodedFrame>, timeoutMs: number | undefined): Promise<DecodedFrame> {
  if (timeoutMs === undefined) return frame;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), timeoutMs)));
  try {
    const first = await Promise.race([frame, timeout]);
    if (first !== undefined) return first;
  } finally {
    clearTimeout(timer);
  }
  frame.then(
    (late) => {
      late.release();
    },
    () => undefined,
  );
  throw new StreamError('ERR_FRAME_TIMEOUT', `Expected a picture within ${timeoutMs} ms but none was decoded`);
}
