import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readCameraFields } from '../cameras/camera-fields.js';
import type { CameraRoster } from '../cameras/camera-roster.js';
import { describeCamera } from './camera-view.js';
import { errors } from './error-responses.js';
import { cameraBody, cameraParams, cameraSchema, type CameraBody, type CameraParams } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';

/** POST /cameras, PATCH and DELETE /cameras/:id, POST /cameras/:id/retry. For the administrator alone. */
export function addCameraAdminRoutes(app: FastifyInstance, cameras: ServedCameras, roster: CameraRoster): void {
  const config = { access: 'admin' } as const;
  const tags = ['changing cameras'];
  const describe = ({ principal }: FastifyRequest, id: string) =>
    describeCamera(cameras.seenBy(principal).get(id), Date.now());

  app.post<{ Body: CameraBody }>(
    '/cameras',
    {
      config,
      schema: {
        summary: 'Adds a camera',
        tags,
        body: cameraBody,
        response: { 201: { description: 'It is there', ...cameraSchema }, ...errors(400, 409, 413, 415, 500) },
      },
    },
    async (request, reply) => {
      const id = await roster.add(readCameraFields(request.body));
      return reply.code(201).header('Location', `/cameras/${id}`).send(describe(request, id));
    },
  );

  app.patch<{ Params: CameraParams; Body: CameraBody }>(
    '/cameras/:id',
    {
      config,
      schema: {
        summary: 'Changes a camera that was added over the API',
        tags,
        params: cameraParams,
        body: cameraBody,
        response: {
          200: { description: 'It is changed', ...cameraSchema },
          ...errors(400, 404, 409, 413, 414, 415, 500),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      await roster.change(id, readCameraFields(request.body));
      return describe(request, id);
    },
  );

  app.delete<{ Params: CameraParams }>(
    '/cameras/:id',
    {
      config,
      schema: {
        summary: 'Removes a camera that was added over the API',
        tags,
        params: cameraParams,
        response: { 204: { description: 'It is gone', type: 'null' }, ...errors(400, 404, 409, 413, 414, 415, 500) },
      },
    },
    async (request, reply) => {
      await roster.remove(request.params.id);
      return reply.code(204).send();
    },
  );

  // The way out for a camera that is parked, and a shortcut for one that backs off.
  app.post<{ Params: CameraParams }>(
    '/cameras/:id/retry',
    {
      config,
      schema: {
        summary: 'Tries a camera at once that is parked or waits for its next try',
        tags,
        params: cameraParams,
        response: { 202: { description: 'It is being tried', ...cameraSchema }, ...errors(400, 404, 413, 414, 415) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      cameras.seenBy(request.principal).get(id).camera.stream.retry();
      return reply.code(202).send(describe(request, id));
    },
  );
}
