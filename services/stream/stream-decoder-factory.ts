import { CameraSource } from '../cameras/camera-source.js';
import { systemClock, type Clock } from './clock.js';
import { ConnectTurns } from './connect-turns.js';
import type {
  DecodeBackend,
  DecodedFrame,
  EncodeOptions,
  EngineMode,
  EngineStatus,
  GpuStatus,
} from './decode-backend.js';
import { chooseEngine } from './engine-choice.js';
import { NativeBackend, type NativeBackendOptions } from './native-backend.js';
import { StreamDecoder, type StreamDecoderOptions } from './stream-decoder.js';

/** What a decoder is made with unless it is asked for otherwise. */
export const DEFAULT_DECODER_OPTIONS: StreamDecoderOptions = {
  decode: 'on-demand',
  lingerMs: 5_000,
  ringMaxBytes: 16 * 1024 * 1024,
  bufferSize: 3,
  connectTimeoutMs: 10_000,
  stallTimeoutMs: 10_000,
  lossPolicy: 'strict',
};

/** Enough to bring a thousand cameras back in a quarter of a minute, few enough for a small switch and name server. */
const DEFAULT_CONNECT_CONCURRENCY = 16;

export interface FactoryOptions extends NativeBackendOptions {
  /** `auto` when absent. */
  readonly engine?: EngineMode;
  /** Cards that cameras are spread over; the one that the instance is for when absent. */
  readonly gpuIds?: readonly number[];
  /** Cameras that connect at once, and four times as many in a second; the others wait for their turn. */
  readonly connectConcurrency?: number;
}

/**
 * Makes the decoders of one GPU, which all share the backend that it owns. One instance a GPU; its end is `close()`:
 * every decoder first, then the backend.
 */
export class StreamDecoderFactory {
  static readonly #instances = new Map<number, StreamDecoderFactory>();

  /**
   * The one factory of a GPU. Without a GPU all numbers decode on the CPU.
   * @param options count when the instance is made, that is at the first call and at the first after `close()`
   * @throws StreamError ERR_NATIVE_LOAD, or ERR_GPU_UNAVAILABLE when the engine is to be `cuda`
   */
  static getInstance(gpuId = 0, options: FactoryOptions = {}): StreamDecoderFactory {
    const existing = StreamDecoderFactory.#instances.get(gpuId);
    if (existing) return existing;
    const choice = chooseEngine(options.engine ?? 'auto', options.gpuIds ?? [gpuId]);
    const factory = new StreamDecoderFactory(new NativeBackend(choice, options), options);
    StreamDecoderFactory.#instances.set(gpuId, factory);
    factory.#onClose = () => {
      StreamDecoderFactory.#instances.delete(gpuId);
    };
    return factory;
  }

  readonly #backend: DecodeBackend;
  readonly #clock: Clock;
  readonly #turns: ConnectTurns;
  readonly #decoders = new Set<StreamDecoder>();
  #onClose: () => void = () => undefined;

  /** For a backend of one's own; programs call `getInstance`. */
  constructor(backend: DecodeBackend, options: { connectConcurrency?: number; clock?: Clock } = {}) {
    this.#backend = backend;
    this.#clock = options.clock ?? systemClock;
    this.#turns = new ConnectTurns(options.connectConcurrency ?? DEFAULT_CONNECT_CONCURRENCY, this.#clock);
  }

  get engine(): { readonly name: DecodeBackend['engine']; readonly reason: string } {
    return { name: this.#backend.engine, reason: this.#backend.reason };
  }

  /** A decoder that is not started yet. Text is taken for a camera URL, over TCP. */
  createDecoder(source: CameraSource | string, options: Partial<StreamDecoderOptions> = {}): StreamDecoder {
    const camera = typeof source === 'string' ? new CameraSource(source) : source;
    const shared = { backend: this.#backend, clock: this.#clock, turns: this.#turns };
    const decoder = new StreamDecoder(camera, { ...DEFAULT_DECODER_OPTIONS, ...options }, shared);
    this.#decoders.add(decoder);
    decoder.onStateChange(({ name }) => {
      if (name === 'closed') this.#decoders.delete(decoder);
    });
    return decoder;
  }

  encodeJpeg(frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> {
    return this.#backend.encodeJpeg(frame, options);
  }

  /** What the engine does for all cameras together. */
  status(): EngineStatus {
    return this.#backend.status();
  }

  /** The cards in use; none on the CPU. */
  gpuStatus(): Promise<readonly GpuStatus[]> {
    return this.#backend.gpuStatus();
  }

  /** Stops every decoder, all at once, then ends the backend. */
  async close(): Promise<void> {
    this.#onClose();
    await Promise.all([...this.#decoders].map((decoder) => decoder.stop()));
    await this.#backend.close();
  }
}
