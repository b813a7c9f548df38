import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readCameraFields } from '../cameras/camera-fields.js';
import type { CameraRoster } from '../cameras/camera-roster.js';
import { describeCamera } from './camera-view.js';
import {
  cameraBody,
  cameraParams,
  cameraSchema,
  errorResponses,
  type CameraBody,
  type CameraParams,
} from './schemas.js';
import type { ServedCameras } from './served-cameras.js';

/** A camera's settings are far smaller. */
const MOST_BODY_BYTES = 64 * 1024;

/** POST /cameras, PATCH and DELETE /cameras/:id, POST /cameras/:id/retry. For the administrator alone. */
export function addCameraAdminRoutes(app: FastifyInstance, cameras: ServedCameras, roster: CameraRoster): void {
  const config = { access: 'admin' } as const;
  const bodyLimit = MOST_BODY_BYTES;
  const describe = ({ principal }: FastifyRequest, id: string) =>
    describeCamera(cameras.seenBy(principal).get(id), Date.now());

  app.post<{ Body: CameraBody }>(
    '/cameras',
    { config, bodyLimit, schema: { body: cameraBody, response: { 201: cameraSchema, ...errorResponses } } },
    async (request, reply) => {
      const id = await roster.add(readCameraFields(request.body));
      return reply.code(201).header('Location', `/cameras/${id}`).send(describe(request, id));
    },
  );

  app.patch<{ Params: CameraParams; Body: CameraBody }>(
    '/cameras/:id',
    {
      config,
      bodyLimit,
      schema: { params: cameraParams, body: cameraBody, response: { 200: cameraSchema, ...errorResponses } },
    },
    async (request) => {
      const { id } = request.params;
      await roster.change(id, readCameraFields(request.body));
      return describe(request, id);
    },
  );

  app.delete<{ Params: CameraParams }>(
    '/cameras/:id',
    { config, schema: { params: cameraParams, response: { 204: { type: 'null' }, ...errorResponses } } },
    async (request, reply) => {
      await roster.remove(request.params.id);
      return reply.code(204).send();
    },
  );

  // The way out for a camera that is parked, and a shortcut for one that backs off.
  app.post<{ Params: CameraParams }>(
    '/cameras/:id/retry',
    { config, schema: { params: cameraParams, response: { 202: cameraSchema, ...errorResponses } } },
    async (request, reply) => {
      const { id } = request.params;
      cameras.seenBy(request.principal).get(id).camera.stream.retry();
      return reply.code(202).send(describe(request, id));
    },
  );
}
