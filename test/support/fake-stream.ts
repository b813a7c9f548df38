import type { CameraStream } from '../../services/cameras/camera-registry.js';
import { StreamError } from '../../services/errors.js';
import type { Cause, DecodedFrame, WorkTimes } from '../../services/stream/decode-backend.js';
import { within } from '../../services/stream/frame-timeout.js';
import type { LatestFrameOptions } from '../../services/stream/stream-decoder.js';
import { StreamEngine, type EngineChange } from '../../services/stream/stream-engine.js';
import type { StreamState, StreamStatus } from '../../services/stream/stream-status.js';
import { NO_TOTALS } from '../../services/stream/stream-totals.js';
import { FakeFrames, NO_WORK } from './fake-backend.js';
import { KeptPictures } from './kept-pictures.js';

interface Waiter {
  readonly afterSequence: number;
  resolve(frame: DecodedFrame): void;
  reject(error: StreamError): void;
}

/** A camera's stream that the test plays, for what lies on this side of StreamDecoder. */
export class FakeStream implements CameraStream {
  readonly frames = new FakeFrames();
  isStarted = false;
  /** Every getLatestFrame() so far. */
  readonly asked: LatestFrameOptions[] = [];
  #state: StreamState = { name: 'live', sinceMs: Date.UTC(2026, 0, 2) };
  #facts: Partial<StreamStatus> = {};
  readonly #kept = new KeptPictures();
  readonly #waiters = new Set<Waiter>();
  /** What the stream is decoded on, as the test plays it. */
  readonly engine = new StreamEngine({ name: 'cuda', reason: 'A test plays the engine' });
  readonly #listeners = new Set<(state: StreamState) => void>();
  readonly #onAsked: (() => void)[] = [];

  retries = 0;
  /** Whether stop() has been called; `finishStopping` ends a stop that was held. */
  isStopped = false;
  /** Whether stop() takes until `finishStopping`. */
  stopsSlowly = false;
  finishStopping: () => void = () => undefined;

  start(): void {
    this.isStarted = true;
  }

  retry(): void {
    this.retries += 1;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.stopsSlowly) await new Promise<void>((resolve) => (this.finishStopping = resolve));
    this.become({ name: 'closed', sinceMs: Date.now() });
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Resolves at the next call of getLatestFrame(). */
  nextAsked(): Promise<void> {
    return new Promise((resolve) => this.#onAsked.push(resolve));
  }

  receiveFrame(sequence: number, receivedAtMs = Date.now()): void {
    this.#kept.add({ sequence, receivedAtMs });
    for (const waiter of this.#waiters) {
      if (sequence <= waiter.afterSequence) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(this.frames.make(sequence, { receivedAtMs }));
    }
  }

  become(state: StreamState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  goDown(cause: Cause = { code: 'ERR_RTSP_REFUSED', message: 'The camera refused the connection' }): void {
    const nowMs = Date.now();
    const retryAtMs = nowMs + 4500;
    this.become({ name: 'backingOff', sinceMs: nowMs, downSinceMs: nowMs, attempt: 1, cause, retryAtMs });
    this.rejectWaiting(new StreamError('ERR_STREAM_NOT_LIVE', 'The stream is not live', { cause }));
  }

  goLive(): void {
    this.become({ name: 'live', sinceMs: Date.now() });
  }

  rejectWaiting(error: StreamError): void {
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }

  know(facts: Partial<StreamStatus>): void {
    this.#facts = facts;
  }

  getStatus(): StreamStatus {
    return {
      state: this.#state,
      engine: { name: 'cpu', reason: 'A test plays the engine' },
      decodeMode: 'on-demand',
      sessions: 1,
      totals: NO_TOTALS,
      transitions: {},
      endings: {},
      ...(this.#kept.newest && { newestFrame: this.#kept.newest }),
      ...this.#facts,
    };
  }

  /** What getWorkTimes() tells. */
  workTimes = NO_WORK;

  getWorkTimes(): WorkTimes {
    return this.workTimes;
  }

  async getLatestFrame(options: LatestFrameOptions = {}): Promise<DecodedFrame> {
    options.signal?.throwIfAborted();
    this.asked.push(options);
    this.#onAsked.splice(0).forEach((resolve) => resolve());
    const { afterSequence = -1, signal } = options;
    if (this.#state.name !== 'live' && this.#state.name !== 'awaitingKeyframe') {
      throw new StreamError('ERR_STREAM_NOT_LIVE', 'The stream is not live');
    }
    const { newest } = this.#kept;
    if (newest && newest.sequence > afterSequence) return this.frames.make(newest.sequence, newest);
    const next = new Promise<DecodedFrame>((resolve, reject) => this.#waiters.add({ afterSequence, resolve, reject }));
    // The test plays time-outs itself.
    return within(next, signal ? { signal } : {});
  }

  /** The newest of all that were received, whatever the state. */
  async getLastFrame(): Promise<DecodedFrame | undefined> {
    const { newest } = this.#kept;
    return newest && this.frames.make(newest.sequence, newest);
  }

  /** Among all that were received. */
  async getFrameAt(unixMs: number): Promise<DecodedFrame> {
    const kept = this.#kept.nearestTo(unixMs);
    return this.frames.make(kept.sequence, kept);
  }

  onEngineChange(listener: (change: EngineChange) => void): () => void {
    return this.engine.listen(listener);
  }

  onStateChange(listener: (state: StreamState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
