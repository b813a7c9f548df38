import assert from 'node:assert/strict';

import {
  CameraSource,
  encodeFrameToJpeg,
  FramewellError,
  StreamDecoderFactory,
  type Cause,
  type StreamDecoder,
  type StreamState,
} from '../../index.js';
import type { NumberedSource } from './numbered-source.js';

export type Ingest = 'auto' | 'libav';
export const INGESTS: readonly Ingest[] = ['auto', 'libav'];

export interface WatchOptions {
  readonly ingest?: Ingest;
  readonly transport?: 'tcp' | 'udp';
  readonly user?: string;
  readonly password?: string;
  readonly stallTimeoutMs?: number;
  /** Every picture is checked, not one in five; for faults that might damage few. */
  readonly closely?: boolean;
}

export const STALL_TIMEOUT_MS = 1500;
export const CONNECT_TIMEOUT_MS = 1500;
/** Longest wait for what has to happen; the machine may be busy with other tests. */
const PATIENCE_MS = 25_000;
/** The end of a try that is under way, the short waits after a few failures, connecting, and what a busy machine adds. */
const RECOVERY_MS = 8000;

/**
 * The product at a camera, through its library. All the while pictures are taken as a user would, and each has to be
 * a whole frame of the source.
 */
export class WatchedCamera {
  readonly decoder: StreamDecoder;
  readonly states: StreamState[] = [];
  /** Numbers of the frames that were seen, in this order. */
  readonly numbers: number[] = [];
  /** One in so many pictures is seen. */
  readonly stride: number;
  readonly #source: NumberedSource | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #taking: Promise<void>;
  #failure: Error | undefined;
  readonly #stopped = new AbortController();

  /** `source` is what the camera shows; without it no picture is expected. */
  constructor(url: string, source: NumberedSource | undefined, options: WatchOptions = {}) {
    const { stallTimeoutMs = STALL_TIMEOUT_MS, closely = false, ...camera } = options;
    this.#source = source;
    this.stride = closely ? 1 : 5;
    this.decoder = StreamDecoderFactory.getInstance(0).createDecoder(new CameraSource(url, camera), {
      stallTimeoutMs,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    });
    this.decoder.onStateChange((state) => {
      this.states.push(state);
      this.#wake();
    });
    this.decoder.start();
    this.#taking = this.#takePictures();
  }

  /** Sessions that have ended, by the codes of their causes. */
  get causes(): readonly string[] {
    return this.states.flatMap((state) =>
      state.name === 'backingOff' || state.name === 'parked' ? state.cause.code : [],
    );
  }

  get sessions(): number {
    return this.decoder.getStatus().sessions;
  }

  /** Why the camera is down, as soon as it is. */
  async untilDown(): Promise<Cause> {
    await this.until(() => this.causes.length > 0, 'the camera to go down');
    const down = this.states.find((state) => state.name === 'backingOff' || state.name === 'parked');
    return (down as { cause: Cause }).cause;
  }

  untilState(name: StreamState['name']): Promise<void> {
    return this.until(() => this.decoder.getStatus().state.name === name, `the camera to be ${name}`);
  }

  /** Waits until so many more pictures have been seen. */
  async morePictures(count = 3): Promise<void> {
    const wanted = this.numbers.length + count;
    await this.until(() => this.numbers.length >= wanted, `${count} more pictures`);
  }

  /** What was wrong is over: waits for pictures, which have to come soon. */
  async untilBack(): Promise<void> {
    const beganMs = performance.now();
    await this.untilState('live');
    await this.morePictures();
    const tookMs = performance.now() - beganMs;
    assert.ok(tookMs <= RECOVERY_MS, `Expected pictures within ${RECOVERY_MS} ms but it took ${Math.round(tookMs)} ms`);
  }

  /** Waits for what can become true with a state or a picture. */
  async until(is: () => boolean, what: string): Promise<void> {
    const patience = { isOut: false };
    const timer = setTimeout(() => {
      patience.isOut = true;
      this.#wake();
    }, PATIENCE_MS);
    try {
      while (!is()) {
        if (this.#failure) throw this.#failure;
        if (patience.isOut) assert.fail(`Expected ${what} but it went ${this.#history()}`);
        await this.#change();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the stream. Rejects when a picture was not what it should be. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.decoder.stop();
    this.#wake();
    await this.#taking;
    if (this.#failure) throw this.#failure;
  }

  async #takePictures(): Promise<void> {
    const { signal } = this.#stopped;
    let afterSequence = -1;
    while (!signal.aborted) {
      try {
        afterSequence = (await this.#takePicture(afterSequence)) + this.stride - 1;
      } catch (error) {
        if (!(error instanceof FramewellError)) {
          this.#failure = error as Error;
          this.#wake();
          return;
        }
        await this.#untilLive(signal);
      }
    }
  }

  /** Gives the picture's sequence. Rejects with a FramewellError where there is none. */
  async #takePicture(afterSequence: number): Promise<number> {
    const frame = await this.decoder.getLatestFrame({ afterSequence, timeoutMs: 500 });
    const jpeg = await encodeFrameToJpeg(frame, 95);
    frame.release();
    assert.ok(this.#source, 'Expected no picture of this camera but there was one');
    this.numbers.push(await this.#source.numberOf(jpeg));
    this.#wake();
    return frame.sequence;
  }

  async #untilLive(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.decoder.getStatus().state.name !== 'live') await this.#change();
  }

  /** Resolves with the next state or picture. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  #history(): string {
    const states = this.states.map((state) =>
      'cause' in state ? `${state.name} (${state.cause.message})` : state.name,
    );
    return `${states.join(', ')}; ${this.numbers.length} pictures`;
  }
}
