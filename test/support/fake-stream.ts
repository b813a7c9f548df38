import type { CameraStream } from '../../services/cameras/camera-registry.js';
import { StreamError } from '../../services/errors.js';
import type { Cause, DecodedFrame } from '../../services/stream/decode-backend.js';
import type { StreamState, StreamStatus } from '../../services/stream/stream-status.js';
import { FakeFrames } from './fake-backend.js';

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
  readonly asked: { afterSequence?: number; timeoutMs?: number }[] = [];
  #state: StreamState = { name: 'live', sinceMs: Date.UTC(2026, 0, 2) };
  #facts: Partial<StreamStatus> = {};
  #newest: { sequence: number; receivedAtMs: number } | undefined;
  readonly #waiters = new Set<Waiter>();
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
    this.#newest = { sequence, receivedAtMs };
    for (const waiter of this.#waiters) {
      if (sequence <= waiter.afterSequence) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(this.frames.make(sequence, this.#newest));
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
      transitions: {},
      endings: {},
      ...(this.#newest && { newestFrame: this.#newest }),
      ...this.#facts,
    };
  }

  async getLatestFrame(options: { afterSequence?: number; timeoutMs?: number } = {}): Promise<DecodedFrame> {
    this.asked.push(options);
    this.#onAsked.splice(0).forEach((resolve) => resolve());
    const { afterSequence = -1 } = options;
    if (this.#state.name !== 'live' && this.#state.name !== 'awaitingKeyframe') {
      throw new StreamError('ERR_STREAM_NOT_LIVE', 'The stream is not live');
    }
    if (this.#newest && this.#newest.sequence > afterSequence) {
      return this.frames.make(this.#newest.sequence, this.#newest);
    }
    return new Promise((resolve, reject) => this.#waiters.add({ afterSequence, resolve, reject }));
  }

  onStateChange(listener: (state: StreamState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
