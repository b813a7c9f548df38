import { availableParallelism } from 'node:os';
import type { CameraSource } from '../cameras/camera-source.js';
import { StreamError, toErrorCode } from '../errors.js';
import { loadNativeAddon, type NativeEngine, type NativeSessionEvent } from '../native-binding.js';
import type {
  Cause,
  DecodeBackend,
  DecodeSession,
  DecodedFrame,
  EncodeOptions,
  EngineName,
  GpuStatus,
  SessionEvent,
  SessionOptions,
} from './decode-backend.js';
import type { EngineChoice } from './engine-choice.js';

export interface NativeBackendOptions {
  /** Threads that decode and encode, for all cameras together; the number of cores when absent. */
  readonly workThreads?: number;
  /** Where an encode asks for none, 1 to 100. */
  readonly jpegQuality?: number;
}

/**
 * The native engine on its own threads: NVDEC and nvJPEG where the choice has cards, and libavcodec and libjpeg-turbo
 * for what those cannot do.
 */
export class NativeBackend implements DecodeBackend {
  readonly engine: EngineName;
  readonly reason: string;
  readonly #native: NativeEngine;
  readonly #jpegQuality: number;
  readonly #openSessions = new Set<Promise<Cause>>();
  readonly #encodes = new Set<Promise<Buffer>>();
  readonly #queries = new Set<Promise<readonly GpuStatus[]>>();
  // process.exit() runs no cleanup hook of the addon, but it does run this.
  readonly #shutdownAtExit = (): void => {
    this.#native.shutdown();
  };

  /** @throws StreamError ERR_NATIVE_LOAD or ERR_GPU_UNAVAILABLE */
  constructor(choice: EngineChoice, options: NativeBackendOptions = {}) {
    const { Engine } = loadNativeAddon();
    const workThreads = options.workThreads ?? availableParallelism();
    this.engine = choice.name;
    this.reason = choice.reason;
    this.#native = new Engine({ workThreads, ...(choice.gpus.length > 0 && { gpus: choice.gpus }) });
    this.#jpegQuality = options.jpegQuality ?? 80;
    process.once('exit', this.#shutdownAtExit);
  }

  openSession(source: CameraSource, options: SessionOptions, onEvent: (event: SessionEvent) => void): DecodeSession {
    let end: (cause: Cause) => void;
    const ended = new Promise<Cause>((resolve) => (end = resolve));
    const native = this.#openNative(source, options, (event) => {
      if (event.type === 'ended') end(event.cause);
      else onEvent(event);
    });
    void this.#track(this.#openSessions, ended);
    return {
      ended,
      nextFrame: (afterSequence) => native.nextFrame(afterSequence).catch(rethrowAsStreamError),
      status: () => native.status(),
      stop: () => {
        native.stop();
      },
    };
  }

  #openNative(source: CameraSource, options: SessionOptions, onEvent: (event: NativeSessionEvent) => void) {
    const { host, transport, ingest, track } = source;
    const url = source.connectionUrl();
    try {
      return this.#native.openSession({ ...options, url, host, transport, ingest, track }, onEvent);
    } catch (error) {
      return rethrowAsStreamError(error);
    }
  }

  encodeJpeg(frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> {
    const { quality = this.#jpegQuality, ...bounds } = options;
    const asReceived = options.quality === undefined && isLoose(frame, options);
    const encode = this.#native.encodeJpeg(frame, { quality, asReceived, ...bounds }).catch(rethrowAsStreamError);
    return this.#track(this.#encodes, encode);
  }

  gpuStatus(): Promise<readonly GpuStatus[]> {
    return this.#track(this.#queries, this.#native.gpuStatus());
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#openSessions, ...this.#encodes, ...this.#queries]);
    process.off('exit', this.#shutdownAtExit);
    this.#native.shutdown();
  }

  #track<T>(running: Set<Promise<T>>, work: Promise<T>): Promise<T> {
    running.add(work);
    const forget = (): void => {
      running.delete(work);
    };
    work.then(forget, forget);
    return work;
  }
}

/** Whether the bounds leave the frame as large as it is. */
function isLoose(frame: DecodedFrame, { width = frame.width, height = frame.height }: EncodeOptions): boolean {
  return width >= frame.width && height >= frame.height;
}

/** Native errors are plain Errors with a code; here they become the project's own. */
function rethrowAsStreamError(error: unknown): never {
  const { code, message } = error as Error & { code?: string };
  throw new StreamError(toErrorCode(code), message, { cause: error });
}
