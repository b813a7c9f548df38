import type { FastifyInstance } from 'fastify';
import type { Grants } from '../access/grants.js';
import type { TokenBook } from '../access/token-book.js';
import type { CameraRegistry } from '../cameras/camera-registry.js';
import type { CameraRoster } from '../cameras/camera-roster.js';
import { addCameraAdminRoutes } from './camera-admin-routes.js';
import { addCameraRoutes } from './camera-routes.js';
import { addEventsRoute } from './events-route.js';
import type { CountFailure } from './failure-limit.js';
import { addGpuRoute, type GpuSource } from './gpu-route.js';
import { addLoginRoutes } from './login-routes.js';
import { LiveViewers } from './live-viewers.js';
import type { EngineSource } from './metrics.js';
import { addMjpegRoute } from './mjpeg-route.js';
import { addMosaicRoute } from './mosaic-route.js';
import { addOpsRoutes, type Readiness } from './ops-routes.js';
import type { ServedCameras } from './served-cameras.js';
import { addSnapshotRoute } from './snapshot-route.js';
import { addStreamRoutes } from './stream-route.js';

export interface RouteParts {
  readonly cameras: ServedCameras;
  readonly registry: CameraRegistry;
  readonly roster: CameraRoster;
  readonly tokens: TokenBook;
  readonly grants: Grants;
  readonly readiness: Readiness;
  readonly countFailure: CountFailure;
  readonly gpus: GpuSource;
  readonly engine: EngineSource;
  /** JPEG quality where a viewer asks for none. */
  readonly jpegQuality: number;
}

/** The whole API. */
export function addRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { cameras, registry, roster, grants } = parts;
  const viewers = new LiveViewers();
  addCameraRoutes(app, cameras);
  addCameraAdminRoutes(app, cameras, roster);
  addSnapshotRoute(app, cameras);
  addMjpegRoute(app, { cameras, viewers, grants });
  addMosaicRoute(app, cameras);
  addStreamRoutes(app, { ...parts, viewers });
  addGpuRoute(app, parts.gpus);
  addEventsRoute(app, registry, grants);
  addLoginRoutes(app, parts);
  addOpsRoutes(app, { ...parts, viewers });
}
