import { FramewellError } from '../errors.js';
import type { CameraConfig } from './camera-config.js';
import { changedCamera, newCamera, type CameraFields } from './camera-fields.js';
import type { CameraRegistry } from './camera-registry.js';

/** Where the cameras of run time are kept; StateFile in the product. */
export interface RuntimeCameraStore {
  write(cameras: readonly CameraConfig[]): Promise<void>;
}

export interface CameraRosterOptions {
  /** Those of .env. */
  readonly configured: readonly CameraConfig[];
  /** Those that were added at run time before. */
  readonly runtime?: readonly CameraConfig[];
  /** Absent: what is added is gone after a restart. */
  readonly store?: RuntimeCameraStore | undefined;
}

/**
 * Which cameras there are to be: those of .env, and those added, changed and removed at run time. Changes are done one
 * after the other; one that cannot be stored is not made.
 */
export class CameraRoster {
  readonly #registry: CameraRegistry;
  readonly #store: RuntimeCameraStore | undefined;
  #configured: readonly CameraConfig[];
  #runtime: readonly CameraConfig[];
  #lastChange: Promise<unknown> = Promise.resolve();

  /** @throws FramewellError ERR_CAMERA_EXISTS */
  constructor(registry: CameraRegistry, { configured, runtime = [], store }: CameraRosterOptions) {
    requireDistinct(configured, runtime);
    this.#registry = registry;
    this.#configured = configured;
    this.#runtime = runtime;
    this.#store = store;
    this.#apply();
  }

  /** The cameras of .env are these now. @throws FramewellError ERR_CAMERA_EXISTS */
  configure(cameras: readonly CameraConfig[]): Promise<void> {
    return this.#inTurn(async () => {
      requireDistinct(cameras, this.#runtime);
      this.#configured = cameras;
      this.#apply();
    });
  }

  /** Returns the camera's id. @throws ParameterError; FramewellError ERR_CAMERA_EXISTS, ERR_STATE_FILE */
  add(fields: CameraFields): Promise<string> {
    return this.#inTurn(async () => {
      const camera = newCamera(fields);
      requireDistinct([...this.#configured, ...this.#runtime], [camera]);
      await this.#change([...this.#runtime, camera]);
      return camera.id;
    });
  }

  /** @throws ParameterError; FramewellError ERR_CAMERA_NOT_FOUND, ERR_CAMERA_CONFIGURED, ERR_STATE_FILE */
  change(id: string, fields: CameraFields): Promise<void> {
    return this.#inTurn(async () => {
      const changed = changedCamera(this.#find(id), fields);
      await this.#change(this.#runtime.map((camera) => (camera.id === id ? changed : camera)));
    });
  }

  /** @throws FramewellError ERR_CAMERA_NOT_FOUND, ERR_CAMERA_CONFIGURED, ERR_STATE_FILE */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const removed = this.#find(id);
      await this.#change(this.#runtime.filter((camera) => camera !== removed));
    });
  }

  #find(id: string): CameraConfig {
    const camera = this.#runtime.find((candidate) => candidate.id === id);
    if (camera) return camera;
    this.#registry.get(id);
    throw new FramewellError('ERR_CAMERA_CONFIGURED', `Camera ${id} is set up in .env; change it there`);
  }

  async #change(runtime: readonly CameraConfig[]): Promise<void> {
    await this.#store?.write(runtime);
    this.#runtime = runtime;
    this.#apply();
  }

  #apply(): void {
    this.#registry.apply([...this.#configured, ...this.#runtime]);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(work);
    this.#lastChange = done.catch(() => undefined);
    return done;
  }
}

function requireDistinct(cameras: readonly CameraConfig[], others: readonly CameraConfig[]): void {
  const taken = others.find(({ id }) => cameras.some((camera) => camera.id === id));
  if (taken) throw new FramewellError('ERR_CAMERA_EXISTS', `Expected an id of its own but ${taken.id} is taken`);
}
