import type { CameraSource } from '../../services/cameras/camera-source.js';
import { StreamError } from '../../services/errors.js';
import type {
  Cause,
  DecodeBackend,
  DecodedFrame,
  DecodeSession,
  EncodeOptions,
  EngineStatus,
  GpuStatus,
  SessionEvent,
  SessionOptions,
  SessionStatus,
  WorkMeter,
  WorkTimes,
} from '../../services/stream/decode-backend.js';
import { requireCropInside } from '../../services/stream/encode-options.js';
import { KeptPictures } from './kept-pictures.js';

const never = { counts: [0, 0, 0], sumS: 0 };
export const NO_WORK: WorkTimes = { boundsS: [0.01, 0.1], decodes: never, encodes: never };

export interface FakeFrame extends DecodedFrame {
  readonly isReleased: boolean;
}

/** Makes frames and remembers them, so that a test can ask which were never released. */
export class FakeFrames {
  readonly made: FakeFrame[] = [];

  make(sequence: number, facts: Partial<Omit<DecodedFrame, 'sequence' | 'release'>> = {}): FakeFrame {
    let isReleased = false;
    const frame: FakeFrame = {
      sequence,
      ptsUs: sequence * 40_000,
      receivedAtMs: Date.now(),
      width: 1280,
      height: 720,
      ...facts,
      release: () => (isReleased = true),
      get isReleased() {
        return isReleased;
      },
    };
    this.made.push(frame);
    return frame;
  }

  get unreleased(): number[] {
    return this.made.filter((frame) => !frame.isReleased).map((frame) => frame.sequence);
  }
}

/**
 * An engine without video: the test plays the cameras. `sessions` has every session that was opened, in order; each
 * does only what it is told to.
 */
export class FakeBackend implements DecodeBackend {
  readonly engine = 'cpu';
  readonly reason = 'A test plays the engine';
  readonly sessions: FakeSession[] = [];
  readonly meters: WorkMeter[] = [];
  readonly frames = new FakeFrames();
  readonly encodes: { readonly sequence: number; readonly options: EncodeOptions }[] = [];
  isClosed = false;
  /** Set to make the next sessions fail to open. */
  openFailure: Error | undefined;
  readonly #opened: ((session: FakeSession) => void)[] = [];

  openSession(source: CameraSource, options: SessionOptions, onEvent: (event: SessionEvent) => void): DecodeSession {
    if (this.openFailure) throw this.openFailure;
    const session = new FakeSession(source, options, onEvent, this.frames);
    this.sessions.push(session);
    this.#opened.splice(0).forEach((resolve) => resolve(session));
    return session;
  }

  /** The session that is opened next. */
  nextSession(): Promise<FakeSession> {
    return new Promise((resolve) => this.#opened.push(resolve));
  }

  createWorkMeter(): WorkMeter {
    const meter = { read: () => NO_WORK };
    this.meters.push(meter);
    return meter;
  }

  status(): EngineStatus {
    return { work: { threads: 1, queued: 0 } };
  }

  gpuStatus(): Promise<readonly GpuStatus[]> {
    return Promise.resolve([]);
  }

  /** A stand-in for a JPEG that says what it was made of. */
  async encodeJpeg(frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> {
    requireCropInside(frame, options);
    this.encodes.push({ sequence: frame.sequence, options });
    return fakeJpeg(frame, options);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const session of this.sessions) session.stop();
    await Promise.all(this.sessions.map((session) => session.ended));
  }
}

export function fakeJpeg(frame: DecodedFrame, options: EncodeOptions): Buffer {
  return Buffer.from(JSON.stringify({ sequence: frame.sequence, ...options }));
}

interface Waiter {
  readonly afterSequence: number;
  resolve(frame: DecodedFrame): void;
  reject(error: Error): void;
}

export class FakeSession implements DecodeSession {
  readonly source: CameraSource;
  readonly options: SessionOptions;
  readonly ended: Promise<Cause>;
  isStopped = false;
  isDiscarded = false;
  /** Whether stop() ends the session at once; a thread that is stuck takes until `end` is called. */
  endsWhenStopped = true;
  facts: Partial<SessionStatus> = {};
  readonly #onEvent: (event: SessionEvent) => void;
  readonly #frames: FakeFrames;
  readonly #waiters = new Set<Waiter>();
  #settle!: (cause: Cause) => void;
  #nextSequence: number;
  readonly #kept = new KeptPictures();

  constructor(
    source: CameraSource,
    options: SessionOptions,
    onEvent: (event: SessionEvent) => void,
    frames: FakeFrames,
  ) {
    this.source = source;
    this.options = options;
    this.#onEvent = onEvent;
    this.#frames = frames;
    this.#nextSequence = options.firstSequence;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  /** Calls of nextFrame() that have no answer yet. */
  get waiting(): number {
    return this.#waiters.size;
  }

  emit(event: SessionEvent): void {
    this.#onEvent(event);
  }

  /** The camera sends a picture; whoever waits gets it. Returns its sequence. */
  receiveFrame(receivedAtMs = Date.now()): number {
    const sequence = this.#nextSequence++;
    this.#kept.add({ sequence, receivedAtMs });
    for (const waiter of this.#waiters) {
      if (sequence <= waiter.afterSequence) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(this.#frames.make(sequence, { receivedAtMs }));
    }
    return sequence;
  }

  end(cause: Cause): void {
    for (const waiter of this.#waiters) waiter.reject(new StreamError('ERR_STREAM_NOT_LIVE', cause.message, { cause }));
    this.#waiters.clear();
    this.#settle(cause);
  }

  async nextFrame(afterSequence: number): Promise<DecodedFrame> {
    const held = this.heldFrame();
    if (held !== undefined && held.sequence > afterSequence) return held;
    held?.release();
    return new Promise((resolve, reject) => this.#waiters.add({ afterSequence, resolve, reject }));
  }

  async lastFrame(): Promise<DecodedFrame | undefined> {
    return this.heldFrame();
  }

  async frameAt(unixMs: number): Promise<DecodedFrame> {
    const kept = this.#kept.nearestTo(unixMs);
    return this.#frames.make(kept.sequence, kept);
  }

  heldFrame(): DecodedFrame | undefined {
    const { newest } = this.#kept;
    return newest && this.#frames.make(newest.sequence, newest);
  }

  status(): SessionStatus {
    return {
      ingest: { name: 'rtsp' },
      decoding: false,
      ring: { accessUnits: 0, bytes: 0, overflowed: false },
      bufferedFrames: this.#kept.newest ? 1 : 0,
      nextSequence: this.#nextSequence,
      ...(this.#kept.newest && { newestFrame: this.#kept.newest }),
      counters: { accessUnits: 0, keyframes: 0, bytes: 0, decodedFrames: 0, losses: 0 },
      ...this.facts,
    };
  }

  stop(): void {
    this.isStopped = true;
    if (this.endsWhenStopped) this.end({ code: 'ERR_STREAM_STOPPED', message: 'The stream was stopped on this side' });
  }

  discard(): void {
    this.isDiscarded = true;
    this.#kept.clear();
  }
}
