import { FramewellError } from '../errors.js';
import type { DecodedFrame, DecodeMode } from '../stream/decode-backend.js';
import type { StreamState, StreamStatus } from '../stream/stream-status.js';
import type { CameraConfig } from './camera-config.js';
import type { CameraSource } from './camera-source.js';

/** What is used of a StreamDecoder on this side of it. */
export interface CameraStream {
  start(): void;
  getStatus(): StreamStatus;
  /** Resolves with a reference that the caller has to release. */
  getLatestFrame(options?: { afterSequence?: number; timeoutMs?: number }): Promise<DecodedFrame>;
  /** Returns what ends the listening. */
  onStateChange(listener: (state: StreamState) => void): () => void;
}

/** Opens the stream of a camera; StreamDecoderFactory in the product. Whoever made it also closes it. */
export interface StreamOpener {
  createDecoder(source: CameraSource, options: { decode: DecodeMode }): CameraStream;
}

export interface Camera {
  readonly id: string;
  readonly name: string;
  readonly source: CameraSource;
  readonly stream: CameraStream;
}

/** What is logged of the cameras; pino fits. */
export interface TransitionLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Which cameras there are, in the order of their numbers. */
export class CameraRegistry {
  readonly #cameras: ReadonlyMap<string, Camera>;
  readonly #log: TransitionLog;

  constructor(configs: readonly CameraConfig[], opener: StreamOpener, log: TransitionLog) {
    this.#log = log;
    this.#cameras = new Map(
      configs.map(({ id, name, source, decode }) => {
        return [id, { id, name, source, stream: opener.createDecoder(source, { decode }) }];
      }),
    );
  }

  /** Connects every camera; returns at once. */
  start(): void {
    for (const camera of this.#cameras.values()) {
      logTransitions(camera, this.#log);
      camera.stream.start();
    }
  }

  list(): readonly Camera[] {
    return [...this.#cameras.values()];
  }

  /** @throws FramewellError ERR_CAMERA_NOT_FOUND */
  get(id: string): Camera {
    const camera = this.#cameras.get(id);
    if (camera === undefined) throw new FramewellError('ERR_CAMERA_NOT_FOUND', `No camera has the id ${id}`);
    return camera;
  }
}

/** A line when the camera comes up, goes down, or is down for another reason; none for every try in between. */
function logTransitions({ id, stream }: Camera, log: TransitionLog): void {
  let logged = '';
  stream.onStateChange((state) => {
    if (state.name === 'live' && logged !== 'live') {
      logged = 'live';
      log.info({ cameraId: id }, 'Camera live');
    }
    if ((state.name === 'backingOff' || state.name === 'parked') && logged !== state.cause.code) {
      logged = state.cause.code;
      log.warn({ cameraId: id, cause: state.cause, retries: state.name === 'backingOff' }, 'Camera down');
    }
  });
}
