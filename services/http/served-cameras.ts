import type { FastifyBaseLogger } from 'fastify';
import { maySee, type Principal } from '../access/principal.js';
import { cameraNotFound, type Camera, type CameraRegistry, type CameraStream } from '../cameras/camera-registry.js';
import { CameraPictures } from '../jpeg/camera-pictures.js';
import type { EncodeJpeg } from '../jpeg/picture-cache.js';
import type { PictureWork } from '../jpeg/picture-work.js';

/** A camera and its pictures. */
export interface ServedCamera {
  readonly camera: Camera;
  readonly pictures: CameraPictures;
}

/** The cameras that somebody may see. To a caller others are as if they did not exist. */
export interface SeenCameras {
  list(): ServedCamera[];
  /** @throws FramewellError ERR_CAMERA_NOT_FOUND */
  get(id: string): ServedCamera;
}

/** What the routes serve: to each caller what it may see. */
export class ServedCameras {
  readonly #registry: CameraRegistry;
  readonly #encode: EncodeJpeg;
  readonly #work: PictureWork;
  readonly #log: FastifyBaseLogger;
  /** By stream: a camera that only gets another name keeps its viewers. */
  readonly #pictures = new WeakMap<CameraStream, CameraPictures>();

  constructor(registry: CameraRegistry, encode: EncodeJpeg, work: PictureWork, log: FastifyBaseLogger) {
    this.#registry = registry;
    this.#encode = encode;
    this.#work = work;
    this.#log = log;
  }

  seenBy(principal: Principal): SeenCameras {
    return {
      list: () =>
        this.#registry
          .list()
          .filter(({ id }) => maySee(principal, id))
          .map((camera) => this.#serve(camera)),
      get: (id) => {
        if (!maySee(principal, id)) throw cameraNotFound(id);
        return this.#serve(this.#registry.get(id));
      },
    };
  }

  #serve(camera: Camera): ServedCamera {
    const log = this.#log.child({ cameraId: camera.id });
    const pictures =
      this.#pictures.get(camera.stream) ?? new CameraPictures(camera.stream, this.#encode, log, this.#work);
    this.#pictures.set(camera.stream, pictures);
    return { camera, pictures };
  }
}
