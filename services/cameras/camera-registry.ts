import { FramewellError } from '../errors.js';
import type { DecodedFrame, DecodeMode, WorkTimes } from '../stream/decode-backend.js';
import type { EngineChange } from '../stream/stream-engine.js';
import type { StreamState, StreamStatus } from '../stream/stream-status.js';
import { newEventId, newsAmongStates, type CameraEventListener, type CameraNews } from './camera-events.js';
import type { CameraConfig } from './camera-config.js';
import type { CameraSource } from './camera-source.js';
import { engineLogger, transitionLogger, type TransitionLog } from './transition-log.js';

/** What is used of a StreamDecoder on this side of it. */
export interface CameraStream {
  start(): void;
  /** Tries at once a camera that is parked or backing off. */
  retry(): void;
  /** Ends it for good; resolves when the camera's connection is closed. */
  stop(): Promise<void>;
  getStatus(): StreamStatus;
  getWorkTimes(): WorkTimes;
  /** As new as the stream is now. Resolves with a reference that the caller has to release. */
  getLatestFrame(options?: { afterSequence?: number; timeoutMs?: number; signal?: AbortSignal }): Promise<DecodedFrame>;
  /** The newest that can be shown, whatever its age and the stream's state. The caller has to release it. */
  getLastFrame(): Promise<DecodedFrame | undefined>;
  /** Received nearest to that time among those kept, else ERR_FRAME_NOT_KEPT. The caller has to release it. */
  getFrameAt(unixMs: number): Promise<DecodedFrame>;
  /** Returns what ends the listening. */
  onStateChange(listener: (state: StreamState) => void): () => void;
  /** Returns what ends the listening. */
  onEngineChange(listener: (change: EngineChange) => void): () => void;
}

/** Opens the stream of a camera; StreamDecoderFactory in the product. Whoever made it closes those that are left. */
export interface StreamOpener {
  createDecoder(source: CameraSource, options: { decode: DecodeMode }): CameraStream;
}

export interface Camera extends CameraConfig {
  readonly stream: CameraStream;
}

/** Which cameras there are now, in their order; CameraRoster knows which there are to be. */
export class CameraRegistry {
  readonly #opener: StreamOpener;
  readonly #log: TransitionLog;
  #cameras: ReadonlyMap<string, Camera> = new Map();
  #isStarted = false;
  readonly #listeners = new Set<CameraEventListener>();
  /** Streams that are on their way out, by camera id. */
  readonly #closing = new Map<string, Promise<unknown>>();

  constructor(opener: StreamOpener, log: TransitionLog) {
    this.#opener = opener;
    this.#log = log;
  }

  /** Connects every camera, and from now on each that is added; returns at once. */
  start(): void {
    this.#isStarted = true;
    for (const { stream } of this.#cameras.values()) stream.start();
  }

  /** The cameras are these now. Streams of cameras that stay the same go on, the others end or begin. */
  apply(configs: readonly CameraConfig[]): void {
    const before = this.#cameras;
    const opened: Camera[] = [];
    this.#cameras = new Map(
      configs.map((config) => {
        const known = before.get(config.id);
        if (known && isSameStream(known, config)) return [config.id, { ...config, stream: known.stream }];
        const camera = { ...config, stream: this.#open(config) };
        opened.push(camera);
        return [config.id, camera];
      }),
    );
    if (!this.#isStarted) return;
    for (const camera of before.values()) if (this.#cameras.get(camera.id)?.stream !== camera.stream) this.#end(camera);
    for (const camera of opened) this.#begin(camera);
    this.#tellChanges(before);
  }

  /** Calls `listener` with what happens to the cameras from now on. Returns what ends that. */
  onEvent(listener: CameraEventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  list(): readonly Camera[] {
    return [...this.#cameras.values()];
  }

  /** @throws FramewellError ERR_CAMERA_NOT_FOUND */
  get(id: string): Camera {
    const camera = this.#cameras.get(id);
    if (camera === undefined) throw cameraNotFound(id);
    return camera;
  }

  #tell(news: CameraNews): void {
    const event = { ...news, id: newEventId() };
    for (const listener of this.#listeners) listener(event);
  }

  #tellChanges(before: ReadonlyMap<string, Camera>): void {
    const atMs = Date.now();
    for (const camera of before.keys()) if (!this.#cameras.has(camera)) this.#tell({ type: 'removed', camera, atMs });
    for (const { id: camera, name, stream } of this.#cameras.values()) {
      const known = before.get(camera);
      if (known === undefined) this.#tell({ type: 'added', camera, atMs });
      else if (known.stream !== stream || known.name !== name) this.#tell({ type: 'changed', camera, atMs });
    }
  }

  #open({ id, source, decode }: CameraConfig): CameraStream {
    const stream = this.#opener.createDecoder(source, { decode });
    const newsOf = newsAmongStates(id);
    const logState = transitionLogger(id, this.#log);
    stream.onStateChange((state) => {
      const news = newsOf(state);
      logState(state, news);
      if (news) this.#tell(news);
    });
    stream.onEngineChange(engineLogger(id, this.#log));
    return stream;
  }

  #end({ id: cameraId, stream }: Camera): void {
    this.#log.info({ cameraId }, 'Camera taken out');
    const closed = Promise.all([this.#closing.get(cameraId), stream.stop()]).then(() => {
      if (this.#closing.get(cameraId) === closed) this.#closing.delete(cameraId);
    });
    this.#closing.set(cameraId, closed);
  }

  /** After the connection of the one before is closed: many cameras take a login once at a time. */
  #begin({ id: cameraId, stream }: Camera): void {
    this.#log.info({ cameraId }, 'Camera put in');
    const closing = this.#closing.get(cameraId);
    if (closing === undefined) stream.start();
    else {
      void closing.then(() => {
        // Meanwhile it may have been taken out again.
        if (this.#cameras.get(cameraId)?.stream === stream) stream.start();
      });
    }
  }
}

/** The same words whether there is none or the caller may not know of it. */
export function cameraNotFound(id: string): FramewellError {
  return new FramewellError('ERR_CAMERA_NOT_FOUND', `No camera has the id ${id}`);
}

function isSameStream(known: CameraConfig, config: CameraConfig): boolean {
  return known.decode === config.decode && known.source.equals(config.source);
}
