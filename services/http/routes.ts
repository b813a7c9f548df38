import type { FastifyInstance } from 'fastify';
import { addCameraRoutes } from './camera-routes.js';
import { addMjpegRoute } from './mjpeg-route.js';
import type { ServedCameras } from './served-cameras.js';
import { addSnapshotRoute } from './snapshot-route.js';
import { addStreamRoute } from './stream-route.js';

/** The whole API. `defaultQuality` is the JPEG quality where a request names none, 1 to 100. */
export function addRoutes(app: FastifyInstance, cameras: ServedCameras, defaultQuality: number): void {
  addCameraRoutes(app, cameras);
  addSnapshotRoute(app, cameras, defaultQuality);
  addMjpegRoute(app, cameras, defaultQuality);
  addStreamRoute(app, cameras, defaultQuality);
}
