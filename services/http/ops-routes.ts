import type { FastifyInstance } from 'fastify';
import type { CameraRegistry } from '../cameras/camera-registry.js';
import { errors, publicErrors } from './error-responses.js';
import type { MetricSources } from './metrics.js';

export interface Readiness {
  /** Share of the cameras that have to be live, in percent. */
  readonly livePercent: number;
}

interface OpsParts extends MetricSources {
  readonly registry: Pick<CameraRegistry, 'list'>;
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
  const { registry, readiness } = parts;
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
    // With the first of them: the library takes 50 ms to load, by which the server would start later.
    const { METRICS_TYPE, metricsFor } = await import('./metrics.js');
    const metrics = await metricsFor(request.principal, parts);
    return reply.type(METRICS_TYPE).header('Cache-Control', 'no-store').send(metrics);
  });
}
