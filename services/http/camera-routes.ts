import type { FastifyInstance } from 'fastify';
import { describeCamera } from './camera-view.js';
import { errors } from './error-responses.js';
import { cameraListSchema, cameraParams, cameraSchema, type CameraParams } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';

/** GET /cameras, GET /cameras/:id: which cameras there are and how they do. */
export function addCameraRoutes(app: FastifyInstance, cameras: ServedCameras): void {
  const listSchema = {
    summary: 'The cameras that the caller may see',
    tags: ['cameras'],
    response: { 200: { description: 'In the order of their numbers', ...cameraListSchema }, ...errors() },
  };
  app.get('/cameras', { schema: listSchema }, (request, reply) => {
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
    {
      schema: {
        summary: 'One camera: its state, and why',
        tags: ['cameras'],
        params: cameraParams,
        response: { 200: { description: 'As it is now', ...cameraSchema }, ...errors(400, 404) },
      },
    },
    (request, reply) => {
      const served = cameras.seenBy(request.principal).get(request.params.id);
      reply.header('Cache-Control', 'no-store');
      return reply.send(describeCamera(served, Date.now()));
    },
  );
}
