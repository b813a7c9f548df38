import type { FastifyInstance } from 'fastify';
import type { CameraRoster } from '../cameras/camera-roster.js';
import type { Secret } from '../secret.js';
import { addCameraAdminRoutes } from './camera-admin-routes.js';
import { addCameraRoutes } from './camera-routes.js';
import { addMjpegRoute } from './mjpeg-route.js';
import { addMosaicRoute } from './mosaic-route.js';
import type { ServedCameras } from './served-cameras.js';
import { addSnapshotRoute } from './snapshot-route.js';
import { addStreamRoutes } from './stream-route.js';

/** The whole API. */
export function addRoutes(
  app: FastifyInstance,
  cameras: ServedCameras,
  admin: { readonly roster: CameraRoster; readonly token: Secret | undefined },
): void {
  addCameraRoutes(app, cameras);
  addCameraAdminRoutes(app, cameras, admin);
  addSnapshotRoute(app, cameras);
  addMjpegRoute(app, cameras);
  addMosaicRoute(app, cameras);
  addStreamRoutes(app, cameras);
}
