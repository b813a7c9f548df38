import { once } from 'node:events';
import type { CameraSource } from '../cameras/camera-source.js';
import { causeOf, ParameterError, StreamError } from '../errors.js';
import type { Clock } from './clock.js';
import type { ConnectTurns, EndTurn } from './connect-turns.js';
import type {
  Cause,
  DecodeBackend,
  DecodedFrame,
  DecodeSession,
  SessionEvent,
  SessionOptions,
  WorkMeter,
  WorkTimes,
} from './decode-backend.js';
import { setFrameOwner } from './frame-owner.js';
import { within, type FrameWait } from './frame-timeout.js';
import { ReconnectPolicy, type SessionEnd } from './reconnect-policy.js';
import { StreamEngine, type EngineChange } from './stream-engine.js';
import { StreamStates } from './stream-states.js';
import type { StreamState, StreamStatus } from './stream-status.js';
import { NO_TOTALS, withSession } from './stream-totals.js';

export type StreamDecoderOptions = Omit<SessionOptions, 'firstSequence' | 'meter'>;

/** The wait lasts as long as the session where neither `timeoutMs` nor `signal` ends it. */
export interface LatestFrameOptions extends FrameWait {
  /** The picture must be newer than this one; any picture when absent. */
  readonly afterSequence?: number;
}

/** What a decoder shares with the others of its factory. */
export interface SharedByDecoders {
  readonly backend: DecodeBackend;
  readonly clock: Clock;
  readonly turns: ConnectTurns;
}

/**
 * One camera over all its sessions: connects, reconnects, and gives out its newest picture. One connection at a time,
 * whoever and however many ask.
 */
export class StreamDecoder {
  readonly #source: CameraSource;
  readonly #options: StreamDecoderOptions;
  readonly #backend: DecodeBackend;
  readonly #clock: Clock;
  readonly #turns: ConnectTurns;
  readonly #states: StreamStates;
  readonly #engine: StreamEngine;
  readonly #meter: WorkMeter;
  readonly #stop = new AbortController();
  readonly #endings = new Map<string, number>();
  /** Set while the next try is waited for, parked or backing off. */
  #wait: AbortController | undefined;
  #session: DecodeSession | undefined;
  /** The last session that was live, after its end: its video is shown until the next one is live. */
  #ended: DecodeSession | undefined;
  #run: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #liveSinceMs: number | undefined;
  /** Undefined while pictures come. */
  #outage: { readonly downSinceMs: number; readonly cause?: Cause } | undefined;
  #newestFrame: StreamStatus['newestFrame'];
  #nextSequence = 1;
  #sessions = 0;
  /** Of the sessions that have ended. */
  #totals = NO_TOTALS;

  constructor(source: CameraSource, options: StreamDecoderOptions, { backend, clock, turns }: SharedByDecoders) {
    this.#source = source;
    this.#options = options;
    this.#backend = backend;
    this.#clock = clock;
    this.#turns = turns;
    this.#states = new StreamStates(clock.now());
    this.#engine = new StreamEngine({ name: backend.engine, reason: backend.reason });
    this.#meter = backend.createWorkMeter();
  }

  /** Connects, and keeps connecting until `stop()`. A second call does nothing. */
  start(): void {
    if (this.#stop.signal.aborted)
      throw new StreamError('ERR_STREAM_STOPPED', 'Expected a stream that was not stopped');
    this.#run ??= this.#runSessions();
  }

  /** Tries at once, without the wait, a camera that is parked or backing off; else does nothing. */
  retry(): void {
    this.#wait?.abort();
  }

  /** Ends the session and every wait. Resolves when the camera's thread has ended. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#runOut());
  }

  /**
   * The newest picture, as new as the stream is now; decodes it if need be. The caller releases it.
   * @throws StreamError ERR_STREAM_NOT_LIVE when there is nothing to decode (its `cause` is why),
   *   ERR_FRAME_TIMEOUT, or the code with which the session ended meanwhile; the reason of `signal` once it is aborted.
   */
  async getLatestFrame(options: LatestFrameOptions = {}): Promise<DecodedFrame> {
    options.signal?.throwIfAborted();
    if (this.#session === undefined || this.#liveSinceMs === undefined) throw this.#notLive();
    return this.#owned(await within(this.#session.nextFrame(options.afterSequence ?? -1), options));
  }

  /**
   * The newest picture that can be shown, whatever its age and the stream's state: decoded from what came since the last
   * keyframe, which a session leaves behind when it ends and the next one replaces with its first picture. Waits for no
   * video. Undefined when nothing is kept: before the first picture, and after `stop()`. The caller releases it.
   */
  async getLastFrame(): Promise<DecodedFrame | undefined> {
    const frame = await this.#keeper()?.lastFrame();
    return frame && this.#owned(frame);
  }

  /**
   * The picture received nearest to a time, among those since the last keyframe; its `receivedAtMs` says how near. The
   * caller releases it.
   * @param unixMs Unix time in milliseconds
   * @throws StreamError ERR_FRAME_NOT_KEPT when the time is not within what is kept, ERR_OVERLOADED when too many such
   *   pictures of the camera are being decoded already; ParameterError when it is no time.
   */
  async getFrameAt(unixMs: number): Promise<DecodedFrame> {
    if (Number.isNaN(new Date(unixMs).getTime())) {
      throw new ParameterError('unixMs', 'a Unix time in milliseconds', String(unixMs));
    }
    const keeper = this.#keeper();
    if (keeper === undefined) {
      throw new StreamError('ERR_FRAME_NOT_KEPT', 'Expected a time of which video is kept but none is kept');
    }
    return this.#owned(await keeper.frameAt(unixMs));
  }

  /** Whether the camera has answered and its session is open. */
  isConnected(): boolean {
    const { name } = this.#states.current;
    return name === 'awaitingKeyframe' || name === 'live';
  }

  /** Decoded frames held now, at most the `bufferSize` asked for. */
  getBufferSize(): number {
    return this.#session?.status().bufferedFrames ?? 0;
  }

  getStatus(): StreamStatus {
    const session = this.#session?.status();
    const newestFrame = session?.newestFrame ?? this.#newestFrame;
    return {
      state: this.#states.current,
      engine: session?.engine ?? { name: this.#backend.engine, reason: this.#backend.reason },
      decodeMode: this.#options.decode,
      ...(session && { session }),
      ...(newestFrame && { newestFrame }),
      sessions: this.#sessions,
      totals: session ? withSession(this.#totals, session) : this.#totals,
      transitions: this.#states.transitions,
      endings: Object.fromEntries(this.#endings),
    };
  }

  /** How long its decodes and encodes took, since it was made. */
  getWorkTimes(): WorkTimes {
    return this.#meter.read();
  }

  /** Calls `listener` with every state that follows, in order. Returns what ends that. */
  onStateChange(listener: (state: StreamState) => void): () => void {
    return this.#states.listen(listener);
  }

  /** Calls `listener` when pictures come from another engine or card than before, and why. Returns what ends that. */
  onEngineChange(listener: (change: EngineChange) => void): () => void {
    return this.#engine.listen(listener);
  }

  async #runOut(): Promise<void> {
    this.#stop.abort();
    this.#wait?.abort();
    this.#session?.stop();
    await this.#run;
    this.#keep(undefined);
    this.#states.enter({ name: 'closed', sinceMs: this.#clock.now() });
  }

  /** The retry loop around `#runSession`. */
  async #runSessions(): Promise<void> {
    const policy = new ReconnectPolicy();
    this.#outage = { downSinceMs: this.#clock.now() };
    for (;;) {
      const attempt = policy.failures + 1;
      const endTurn = this.#turns.tryTake(this.#stop.signal) ?? (await this.#waitForTurn(attempt));
      if (endTurn === undefined) return;
      const end = await this.#runSession(attempt, endTurn);
      endTurn();
      if (this.#stop.signal.aborted) return;
      this.#endings.set(end.cause.code, (this.#endings.get(end.cause.code) ?? 0) + 1);
      if (!(await this.#waitForNextTry(end, policy))) return;
    }
  }

  /** Undefined when the stream is stopped instead. */
  async #waitForTurn(attempt: number): Promise<EndTurn | undefined> {
    const sinceMs = this.#clock.now();
    this.#states.enter({ name: 'queued', sinceMs, attempt, ...this.#outageFrom(sinceMs) });
    const endTurn = await this.#turns.take(attempt, this.#stop.signal);
    if (!this.#stop.signal.aborted) return endTurn;
    // The turn came in the same moment as the stop.
    endTurn?.();
    return undefined;
  }

  /** One session from connect to its end. */
  async #runSession(attempt: number, endTurn: EndTurn): Promise<SessionEnd> {
    const startMs = this.#clock.now();
    this.#states.enter({ name: 'connecting', sinceMs: startMs, attempt, ...this.#outageFrom(startMs) });
    this.#sessions += 1;
    let wasConnected = false;
    try {
      this.#session = this.#backend.openSession(
        this.#source,
        { ...this.#options, firstSequence: this.#nextSequence, meter: this.#meter },
        (event) => {
          // A stream without keyframes would keep its turn for good, if the turn lasted until pictures come.
          endTurn();
          wasConnected = true;
          this.#onEvent(event);
        },
      );
    } catch (error) {
      return { cause: this.#failed(causeOf(error), startMs), wasConnected, liveForMs: 0 };
    }
    const cause = await this.#session.ended;
    const status = this.#session.status();
    const { nextSequence, newestFrame, lastAccessUnitAtMs } = status;
    this.#totals = withSession(this.#totals, status);
    const lastPictureAtMs = lastAccessUnitAtMs ?? this.#clock.now();
    const liveForMs = this.#liveSinceMs === undefined ? 0 : lastPictureAtMs - this.#liveSinceMs;
    this.#nextSequence = nextSequence;
    this.#newestFrame = newestFrame ?? this.#newestFrame;
    if (this.#liveSinceMs === undefined) this.#session.discard();
    else this.#keep(this.#session);
    this.#session = undefined;
    this.#liveSinceMs = undefined;
    return { cause: this.#failed(cause, lastPictureAtMs), wasConnected, liveForMs };
  }

  /** Notes why no picture comes, from `sinceMs` on if pictures came until now. */
  #failed(cause: Cause, sinceMs: number): Cause {
    this.#outage = { ...this.#outageFrom(sinceMs), cause };
    return cause;
  }

  /** Until it is time for the next try or somebody asks for it; false when the stream is stopped instead. */
  async #waitForNextTry(end: SessionEnd, policy: ReconnectPolicy): Promise<boolean> {
    const { cause } = end;
    const sinceMs = this.#clock.now();
    const { downSinceMs } = this.#outageFrom(sinceMs);
    const next = policy.afterSession(end);
    const facts = { sinceMs, attempt: policy.failures, downSinceMs, cause };
    this.#wait = new AbortController();
    const { signal } = this.#wait;
    if (next.kind === 'park') {
      const asked = once(signal, 'abort');
      this.#states.enter({ name: 'parked', ...facts });
      await asked;
    } else {
      this.#states.enter({ name: 'backingOff', ...facts, retryAtMs: sinceMs + next.waitMs });
      await this.#clock.sleep(next.waitMs, signal);
    }
    this.#wait = undefined;
    if (signal.aborted) policy.reset();
    return !this.#stop.signal.aborted;
  }

  #onEvent(event: SessionEvent): void {
    const sinceMs = this.#clock.now();
    switch (event.type) {
      case 'connected':
        return;
      case 'awaitingKeyframe':
        this.#outage = { ...this.#outageFrom(sinceMs), ...(event.cause && { cause: event.cause }) };
        this.#states.enter({ name: 'awaitingKeyframe', sinceMs, ...this.#outage });
        return;
      case 'live':
        this.#outage = undefined;
        this.#liveSinceMs ??= sinceMs;
        this.#keep(undefined);
        this.#states.enter({ name: 'live', sinceMs });
        return;
      case 'engine':
        this.#engine.use(event.engine);
    }
  }

  /** The session whose video is shown: the open one from its first picture on, until then the one before. */
  #keeper(): DecodeSession | undefined {
    return this.#liveSinceMs === undefined ? this.#ended : this.#session;
  }

  /** Keeps the video of this ended session, if of any. */
  #keep(ended: DecodeSession | undefined): void {
    this.#ended?.discard();
    this.#ended = ended;
  }

  #owned(frame: DecodedFrame): DecodedFrame {
    setFrameOwner(frame, this.#backend);
    return frame;
  }

  /** The outage that lasts, or one that begins at `sinceMs`. */
  #outageFrom(sinceMs: number): { readonly downSinceMs: number; readonly cause?: Cause } {
    return this.#outage ?? { downSinceMs: sinceMs };
  }

  #notLive(): StreamError {
    const state = this.#states.current;
    const cause = 'cause' in state ? state.cause : undefined;
    const why = cause ? `${state.name}: ${cause.message}` : state.name;
    return new StreamError('ERR_STREAM_NOT_LIVE', `Expected a live stream but it is ${why}`, { cause });
  }
}
