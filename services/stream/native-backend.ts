import { availableParallelism } from 'node:os';
import type { CameraSource } from '../cameras/camera-source.js';
import { StreamError, toErrorCode } from '../errors.js';
import { loadNativeAddon, type NativeAddon, type NativeEngine, type NativeSessionEvent } from '../native-binding.js';
import type {
  Cause,
  DecodeBackend,
  DecodeSession,
  DecodedFrame,
  EncodeOptions,
  EngineName,
  EngineStatus,
  GpuStatus,
  SessionEvent,
  SessionOptions,
  WorkMeter,
} from './decode-backend.js';
import { isWholePicture, requireCropInside } from './encode-options.js';
import type { EngineChoice } from './engine-choice.js';

export interface NativeBackendOptions {
  /** Threads that decode and encode, for all cameras together; the number of cores when absent. */
  readonly workThreads?: number;
  /** Where an encode asks for none, 1 to 100. */
  readonly jpegQuality?: number;
  /** The only networks that cameras may be in, such as 192.168.1.0/24; any when absent. */
  readonly cameraNetworks?: readonly string[];
}

/**
 * The native engine on its own threads: NVDEC and nvJPEG where the choice has cards, and libavcodec and libjpeg-turbo
 * for what those cannot do.
 */
export class NativeBackend implements DecodeBackend {
  readonly engine: EngineName;
  readonly reason: string;
  readonly #addon: NativeAddon;
  readonly #native: NativeEngine;
  readonly #jpegQuality: number;
  readonly #openSessions = new Set<Promise<Cause>>();
  /** Decodes and encodes that outlive the session they belong to. */
  #isClosed = false;
  readonly #work = new Set<Promise<unknown>>();
  // process.exit() runs no cleanup hook of the addon, but it does run this.
  readonly #shutdownAtExit = (): void => {
    this.#native.shutdown();
  };

  /** @throws StreamError ERR_NATIVE_LOAD or ERR_GPU_UNAVAILABLE */
  constructor(choice: EngineChoice, options: NativeBackendOptions = {}) {
    this.#addon = loadNativeAddon();
    const { workThreads = availableParallelism(), cameraNetworks } = options;
    this.engine = choice.name;
    this.reason = choice.reason;
    this.#native = new this.#addon.Engine({
      workThreads,
      ...(choice.gpus.length > 0 && { gpus: choice.gpus }),
      ...(cameraNetworks && { cameraNetworks }),
    });
    this.#jpegQuality = options.jpegQuality ?? 80;
    process.once('exit', this.#shutdownAtExit);
  }

  createWorkMeter(): WorkMeter {
    return new this.#addon.WorkMeter();
  }

  openSession(source: CameraSource, options: SessionOptions, onEvent: (event: SessionEvent) => void): DecodeSession {
    let end: (cause: Cause) => void;
    const ended = new Promise<Cause>((resolve) => (end = resolve));
    const native = this.#openNative(source, options, (event) => {
      if (event.type === 'ended') end(event.cause);
      else onEvent(event);
    });
    this.#track(this.#openSessions, ended);
    return {
      ended,
      nextFrame: (afterSequence) => native.nextFrame(afterSequence).catch(rethrowAsStreamError),
      lastFrame: () => this.#finish(() => native.lastFrame()),
      frameAt: (unixMs) => this.#finish(() => native.frameAt(unixMs)),
      status: () => native.status(),
      stop: () => {
        native.stop();
      },
      discard: () => {
        native.discard();
      },
    };
  }

  #openNative(source: CameraSource, options: SessionOptions, onEvent: (event: NativeSessionEvent) => void) {
    const { transport, ingest, track } = source;
    const url = source.connectionUrl();
    try {
      return this.#native.openSession({ ...options, url, transport, ingest, track }, onEvent);
    } catch (error) {
      return rethrowAsStreamError(error);
    }
  }

  async encodeJpeg(frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> {
    requireCropInside(frame, options);
    const asReceived = options.quality === undefined && isWholePicture(frame, options);
    const quality = options.quality ?? this.#jpegQuality;
    return this.#finish(() => this.#native.encodeJpeg(frame, { ...options, quality, asReceived }));
  }

  status(): EngineStatus {
    return this.#native.status();
  }

  gpuStatus(): Promise<readonly GpuStatus[]> {
    return this.#finish(() => this.#native.gpuStatus());
  }

  async close(): Promise<void> {
    // What ends may begin more: whoever waited for a decode goes on to encode.
    while (this.#openSessions.size + this.#work.size > 0) {
      await Promise.allSettled([...this.#openSessions, ...this.#work]);
    }
    this.#isClosed = true;
    process.off('exit', this.#shutdownAtExit);
    this.#native.shutdown();
  }

  /** `close()` waits for it; after that nothing begins, since the engine that has ended would never answer. */
  async #finish<T>(begin: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new StreamError('ERR_STREAM_STOPPED', 'Expected an engine that was not closed');
    const finished = begin().catch(rethrowAsStreamError);
    this.#track(this.#work, finished);
    return finished;
  }

  #track<T>(running: Set<Promise<T>>, work: Promise<T>): void {
    running.add(work);
    const forget = (): void => {
      running.delete(work);
    };
    work.then(forget, forget);
  }
}

/** Native errors are plain Errors with a code; here they become the project's own. */
function rethrowAsStreamError(error: unknown): never {
  const { code, message } = error as Error & { code?: string };
  throw new StreamError(toErrorCode(code), message, { cause: error });
}
