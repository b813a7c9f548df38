import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { StreamError } from './errors.js';
import type { Ingest, Transport } from './cameras/camera-source.js';
import { projectRoot } from './project-root.js';
import type {
  Cause,
  DecodedFrame,
  DecodeSession,
  EncodeOptions,
  EngineStatus,
  EngineUse,
  GpuStatus,
  SessionOptions,
  WorkMeter,
} from './stream/decode-backend.js';

/** What the engine needs to know of a camera, credentials included. */
export interface NativeSourceOptions {
  readonly url: string;
  readonly transport: Transport;
  readonly ingest: Ingest;
  readonly track: number | undefined;
}

export interface NativeEncodeOptions extends EncodeOptions {
  readonly quality: number;
  /** An MJPEG camera's picture goes out as it came. */
  readonly asReceived: boolean;
}

export type NativeSessionEvent =
  | { readonly type: 'connected' | 'live' }
  | { readonly type: 'awaitingKeyframe'; readonly cause?: Cause }
  | { readonly type: 'engine'; readonly engine: EngineUse }
  /** Once and last; the session's thread has ended. */
  | { readonly type: 'ended'; readonly cause: Cause };

/** Tells of its end by an event. */
export type NativeSession = Omit<DecodeSession, 'ended'>;

export interface NativeEngineOptions {
  readonly workThreads: number;
  readonly gpus?: readonly number[];
  /** Any network when absent. */
  readonly cameraNetworks?: readonly string[];
}

/** native/engine_wrap.h. Values are not checked again on the other side. */
export interface NativeEngine {
  openSession(
    options: SessionOptions & NativeSourceOptions,
    onEvent: (event: NativeSessionEvent) => void,
  ): NativeSession;
  encodeJpeg(frame: DecodedFrame, options: NativeEncodeOptions): Promise<Buffer>;
  status(): EngineStatus;
  gpuStatus(): Promise<readonly GpuStatus[]>;
  /** Ends every session and all threads before it returns: at most some tenths of a second. Idempotent. */
  shutdown(): void;
}

/** What of NVIDIA's driver is there; looked for once. */
export interface NativeDriver {
  readonly cuda: boolean;
  /** What is missing, in words that a person can act on; empty when nothing is. */
  readonly reason: string;
  /** A test double took the place of NVIDIA's libraries, as FRAMEWELL_STAND_IN_DRIVER asks for. */
  readonly standIn: boolean;
  /** The newest that the driver knows: 1000 * major + 10 * minor. */
  readonly cudaVersion: number;
  readonly jpegLibrary: string;
  readonly devices: number;
}

export interface NativeAddon {
  /** @throws an Error with code ERR_GPU_UNAVAILABLE when one of `gpus` is not there */
  readonly Engine: new (options: NativeEngineOptions) => NativeEngine;
  /** native/work_meter_wrap.h */
  readonly WorkMeter: new () => WorkMeter;
  driver(): NativeDriver;
  /** How many heaps the C library makes for the threads of this process, from now on; only glibc listens. */
  limitMallocArenas(most: number): void;
}

/** @throws StreamError ERR_NATIVE_LOAD, which says why the addon does not load and what to type. */
export function loadNativeAddon(): NativeAddon {
  const path = join(projectRoot, 'build', 'Release', 'framewell.node');
  if (!existsSync(path)) {
    throw new StreamError(
      'ERR_NATIVE_LOAD',
      `Expected the native addon at ${path} but it has not been built. Type: npm run setup`,
    );
  }
  try {
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new StreamError(
      'ERR_NATIVE_LOAD',
      `The native addon does not load: ${reason}. It was built for other libraries or another Node.js, ` +
        `or a system library was removed. Type: npm run setup`,
      { cause: error },
    );
  }
}
