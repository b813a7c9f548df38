import type { FastifyInstance } from 'fastify';
import type { Grants } from '../access/grants.js';
import { requireUp } from '../jpeg/availability.js';
import type { LiveLimits } from '../jpeg/rungs.js';
import { errors } from './error-responses.js';
import { liveQuery } from './live-limits.js';
import type { LiveViewers } from './live-viewers.js';
import { MULTIPART_HEADERS, MultipartViewer } from './multipart-viewer.js';
import { cameraParams, type CameraParams } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';

const description = `Endless, a part for each picture: newest only, with X-Frame-Sequence, X-Frame-Age-Ms,
X-Frame-Received-At and, where the camera tells it, X-Frame-Captured-At. A client that takes nothing for 10 s is dropped.`;

const schema = {
  summary: 'Live pictures for <img src>',
  tags: ['live'],
  params: cameraParams,
  querystring: liveQuery,
  response: {
    200: { description, content: { 'multipart/x-mixed-replace': { schema: { type: 'string', format: 'binary' } } } },
    ...errors(400, 404, 503),
  },
};

interface MjpegParts {
  readonly cameras: ServedCameras;
  readonly viewers: LiveViewers;
  readonly grants: Grants;
}

/** GET /cameras/:id/stream.mjpeg: live pictures as one endless answer. */
export function addMjpegRoute(app: FastifyInstance, { cameras, viewers, grants }: MjpegParts): void {
  const { multipart } = viewers;
  app.get<{ Params: CameraParams; Querystring: LiveLimits }>(
    '/cameras/:id/stream.mjpeg',
    { schema, config: { access: 'picture', countsPerClient: true } },
    (request, reply) => {
      const served = cameras.seenBy(request.principal).get(request.params.id);
      // An <img> shows its error at once then; a stream that is open outlasts the camera's going down.
      requireUp(served.camera.stream.getStatus().state);
      if (request.method === 'HEAD') return reply.headers(MULTIPART_HEADERS).send();
      reply.hijack();
      const onSent = (dropped: number) => multipart.countSent(dropped);
      const viewer = new MultipartViewer(reply.raw, served, request.query, onSent);
      multipart.add(viewer, reply.raw);
      const end = () => viewer.end();
      reply.raw.on('close', grants.hold(request.grant, end));
      return reply;
    },
  );
  app.addHook('preClose', (done) => {
    for (const viewer of multipart.open) viewer.end();
    done();
  });
}
