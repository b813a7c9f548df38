import type { FastifyInstance } from 'fastify';
import { cameraParams, errorResponses, pictureQuery, type CameraParams, type PictureQuery } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';

const frameHeaders = {
  'X-Frame-Sequence': { type: 'integer', description: "Counts the camera's pictures over all its connections" },
  'X-Frame-Age-Ms': { type: 'integer', description: 'Milliseconds since the picture was received' },
  'X-Frame-Received-At': { type: 'string', format: 'date-time' },
  'X-Frame-Engine': { type: 'string', description: 'What decoded it: cpu or cuda' },
};

/** GET /cameras/:id/snapshot.jpg: the newest picture. */
export function addSnapshotRoute(app: FastifyInstance, cameras: ServedCameras): void {
  const schema = {
    params: cameraParams,
    querystring: pictureQuery,
    response: {
      200: { headers: frameHeaders, content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } } },
      ...errorResponses,
    },
  };
  app.get<{ Params: CameraParams; Querystring: PictureQuery }>(
    '/cameras/:id/snapshot.jpg',
    { schema },
    async (request, reply) => {
      const { camera, pictures } = cameras.get(request.params.id);
      const { jpeg, sequence, receivedAtMs } = await pictures.snapshot(request.query);
      return reply
        .type('image/jpeg')
        .header('Cache-Control', 'private, no-cache')
        .header('X-Frame-Sequence', sequence)
        .header('X-Frame-Age-Ms', Math.max(0, Math.round(Date.now() - receivedAtMs)))
        .header('X-Frame-Received-At', new Date(receivedAtMs).toISOString())
        .header('X-Frame-Engine', camera.stream.getStatus().engine.name)
        .send(jpeg);
    },
  );
}
