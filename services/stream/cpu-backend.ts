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
  SessionEvent,
  SessionOptions,
} from './decode-backend.js';
import { isWholePicture, requireCropInside } from './encode-options.js';

export interface CpuBackendOptions {
  /** Threads that decode and encode, for all cameras together; the number of cores when absent. */
  readonly workThreads?: number;
  /** Where an encode asks for none, 1 to 100. */
  readonly jpegQuality?: number;
}

/** libavformat, libavcodec and libjpeg-turbo on the native engine's own threads. */
export class CpuBackend implements DecodeBackend {
  readonly engine = 'cpu';
  readonly reason = 'This version decodes on the CPU only';
  readonly #native: NativeEngine;
  readonly #jpegQuality: number;
  readonly #openSessions = new Set<Promise<Cause>>();
  /** Decodes and encodes that outlive the session they belong to. */
  readonly #work = new Set<Promise<unknown>>();
  // process.exit() runs no cleanup hook of the addon, but it does run this.
  readonly #shutdownAtExit = (): void => {
    this.#native.shutdown();
  };

  /** @throws StreamError ERR_NATIVE_LOAD */
  constructor(options: CpuBackendOptions = {}) {
    const { Engine } = loadNativeAddon();
    this.#native = new Engine({ workThreads: options.workThreads ?? availableParallelism() });
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
    this.#track(this.#openSessions, ended);
    return {
      ended,
      nextFrame: (afterSequence) => native.nextFrame(afterSequence).catch(rethrowAsStreamError),
      lastFrame: () => this.#finish(native.lastFrame()),
      frameAt: (unixMs) => this.#finish(native.frameAt(unixMs)),
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
    const { host, transport, ingest, track } = source;
    const url = source.connectionUrl();
    try {
      return this.#native.openSession({ ...options, url, host, transport, ingest, track }, onEvent);
    } catch (error) {
      return rethrowAsStreamError(error);
    }
  }

  async encodeJpeg(frame: DecodedFrame, options: EncodeOptions): Promise<Buffer> {
    requireCropInside(frame, options);
    const asReceived = options.quality === undefined && isWholePicture(frame, options);
    const quality = options.quality ?? this.#jpegQuality;
    return this.#finish(this.#native.encodeJpeg(frame, { ...options, quality, asReceived }));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#openSessions, ...this.#work]);
    process.off('exit', this.#shutdownAtExit);
    this.#native.shutdown();
  }

  /** `close()` waits for it: the engine's end drops what has not begun. */
  #finish<T>(work: Promise<T>): Promise<T> {
    const finished = work.catch(rethrowAsStreamError);
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
