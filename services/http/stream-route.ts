import type { FastifyInstance } from 'fastify';
import { FramewellError } from '../errors.js';
import { cameraParams, errorResponses, pictureQuery, type CameraParams, type PictureQuery } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';
import { WebSocketViewer } from './viewer.js';

/** WebSocket /cameras/:id/stream: live pictures, a binary message each. Stays open while the camera is down. */
export function addStreamRoute(app: FastifyInstance, cameras: ServedCameras): void {
  app.route<{ Params: CameraParams; Querystring: PictureQuery }>({
    method: 'GET',
    url: '/cameras/:id/stream',
    schema: { params: cameraParams, querystring: pictureQuery, response: errorResponses },
    // Before the upgrade, so that an unknown camera is answered 404.
    preHandler: (request, _reply, done) => {
      cameras.get(request.params.id);
      done();
    },
    handler: (_request, reply) => {
      reply.header('Upgrade', 'websocket');
      throw new FramewellError('ERR_UPGRADE_REQUIRED', 'Expected a WebSocket upgrade but received a plain request');
    },
    wsHandler: (socket, request) => {
      const { pictures } = cameras.get(request.params.id);
      const leave = pictures.watch(new WebSocketViewer(socket), request.query);
      socket.on('close', leave);
    },
  });
}
