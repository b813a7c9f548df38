import type { FastifyInstance } from 'fastify';
import { addCameraRoutes } from './camera-routes.js';
import { addMjpegRoute } from './mjpeg-route.js';
import type { ServedCameras } from './served-cameras.js';
import { addSnapshotRoute } from './snapshot-route.js';
import { addStreamRoute } from './stream-route.js';

/** The whole API. */
export function addRoutes(app: FastifyInstance, cameras: ServedCameras): void {
  addCameraRoutes(app, cameras);
  addSnapshotRoute(app, cameras);
  addMjpegRoute(app, cameras);
  addStreamRoute(app, cameras);
}
