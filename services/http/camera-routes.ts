import type { FastifyInstance } from 'fastify';
import { describeCamera } from './camera-view.js';
import { cameraListSchema, cameraParams, cameraSchema, errorResponses, type CameraParams } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';

/** GET /cameras, GET /cameras/:id: which cameras there are and how they do. */
export function addCameraRoutes(app: FastifyInstance, cameras: ServedCameras): void {
  app.get('/cameras', { schema: { response: { 200: cameraListSchema, ...errorResponses } } }, (request, reply) => {
    const nowMs = Date.now();
    reply.header('Cache-Control', 'no-store');
    return reply.send({
      cameras: cameras
        .seenBy(request.principal)
        .list()
        .map((served) => describeCamera(served, nowMs)),
    });
  });

  app.get<{ Params: CameraParams }>(
    '/cameras/:id',
    { schema: { params: cameraParams, response: { 200: cameraSchema, ...errorResponses } } },
    (request, reply) => {
      const served = cameras.seenBy(request.principal).get(request.params.id);
      reply.header('Cache-Control', 'no-store');
      return reply.send(describeCamera(served, Date.now()));
    },
  );
}
