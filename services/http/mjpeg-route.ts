import type { FastifyInstance } from 'fastify';
import { requireUp } from '../jpeg/snapshot.js';
import { MULTIPART_HEADERS, MultipartViewer } from './multipart-viewer.js';
import { cameraParams, errorResponses, pictureQuery, type CameraParams, type PictureQuery } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';

/** GET /cameras/:id/stream.mjpeg: live pictures as one endless answer. */
export function addMjpegRoute(app: FastifyInstance, cameras: ServedCameras): void {
  /** What ends each stream that is open. */
  const open = new Set<() => void>();
  const schema = {
    params: cameraParams,
    querystring: pictureQuery,
    response: {
      200: { content: { 'multipart/x-mixed-replace': { schema: { type: 'string', format: 'binary' } } } },
      ...errorResponses,
    },
  };
  app.get<{ Params: CameraParams; Querystring: PictureQuery }>(
    '/cameras/:id/stream.mjpeg',
    { schema },
    (request, reply) => {
      const { camera, pictures } = cameras.get(request.params.id);
      // An <img> shows its error at once then; a stream that is open outlasts the camera's going down.
      requireUp(camera.stream.getStatus().state);
      if (request.method === 'HEAD') return reply.headers(MULTIPART_HEADERS).send();
      reply.hijack();
      const viewer = new MultipartViewer(reply.raw);
      const leave = pictures.watch(viewer, request.query);
      const end = () => {
        leave();
        viewer.end();
      };
      open.add(end);
      reply.raw.on('close', () => {
        leave();
        open.delete(end);
      });
      return reply;
    },
  );
  app.addHook('preClose', (done) => {
    for (const end of open) end();
    done();
  });
}
