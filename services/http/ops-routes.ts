import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import type { CameraRegistry } from '../cameras/camera-registry.js';
import type { EngineStatus } from '../stream/decode-backend.js';
import { collectCameraMetrics } from './camera-metrics.js';
import { collectEngineMetrics } from './engine-metrics.js';
import { errors, publicErrors } from './error-responses.js';
import { collectGpuMetrics } from './gpu-metrics.js';
import type { GpuSource } from './gpu-route.js';
import type { LiveViewers } from './live-viewers.js';
import { processMetrics } from './process-metrics.js';
import type { ServedCameras } from './served-cameras.js';
import { collectViewerMetrics } from './viewer-metrics.js';

export interface Readiness {
  /** Share of the cameras that have to be live, in percent. */
  readonly livePercent: number;
}

/** Whoever does the work for all cameras. */
export interface EngineSource {
  status(): EngineStatus;
}

interface OpsParts {
  readonly cameras: ServedCameras;
  readonly registry: Pick<CameraRegistry, 'list'>;
  readonly engine: EngineSource;
  readonly gpus: GpuSource;
  readonly viewers: LiveViewers;
  readonly readiness: Readiness;
}

const healthSchema = { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['ok'] } } };

const readySchema = {
  type: 'object',
  required: ['ready', 'live', 'expected'],
  properties: {
    ready: { type: 'boolean' },
    live: { type: 'integer', description: 'Cameras whose pictures come' },
    expected: { type: 'integer', description: 'Cameras there are' },
  },
};

/** GET /healthz, /readyz and /metrics: for whoever runs this, not for whoever looks. */
export function addOpsRoutes(app: FastifyInstance, parts: OpsParts): void {
  const { cameras, registry, engine, gpus, viewers, readiness } = parts;
  const ofProcess = processMetrics();
  const tags = ['operation'];

  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Whether the process answers',
        tags,
        response: { 200: { description: 'It does', ...healthSchema }, ...publicErrors() },
      },
    },
    (_request, reply) => reply.header('Cache-Control', 'no-store').send({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Whether enough cameras are live: READY_LIVE_PERCENT',
        tags,
        response: {
          200: { description: 'Enough are', ...readySchema },
          503: { description: 'Too few are', ...readySchema },
          ...publicErrors(),
        },
      },
    },
    (_request, reply) => {
      const all = registry.list();
      const live = all.filter(({ stream }) => stream.getStatus().state.name === 'live').length;
      const ready = live * 100 >= all.length * readiness.livePercent;
      return reply
        .code(ready ? 200 : 503)
        .header('Cache-Control', 'no-store')
        .send({ ready, live, expected: all.length });
    },
  );

  const metricsSchema = {
    summary: 'Figures for Prometheus: of the process, and of the cameras that the caller may see',
    tags,
    response: {
      200: {
        description: 'In the text format of Prometheus',
        content: { 'text/plain': { schema: { type: 'string' } } },
      },
      ...errors(),
    },
  };
  app.get('/metrics', { schema: metricsSchema }, async (request, reply) => {
    const ofCameras = new Registry();
    collectCameraMetrics(ofCameras, cameras.seenBy(request.principal).list(), Date.now());
    // What is counted over all cameras together would tell of those that the caller may not see.
    if (request.principal.cameras === undefined) {
      collectEngineMetrics(ofCameras, engine.status());
      collectGpuMetrics(ofCameras, await gpus.gpuStatus());
      collectViewerMetrics(ofCameras, viewers);
    }
    const merged = [await ofProcess.metrics(), await ofCameras.metrics()].join('\n');
    return reply.type(ofProcess.contentType).header('Cache-Control', 'no-store').send(merged);
  });
}
