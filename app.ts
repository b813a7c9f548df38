import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { AccessRules } from './services/access/access-rules.js';
import { Grants } from './services/access/grants.js';
import type { CameraRegistry } from './services/cameras/camera-registry.js';
import type { CameraRoster } from './services/cameras/camera-roster.js';
import { guardRoutes } from './services/http/access-guard.js';
import { registerApiDocs } from './services/http/api-docs.js';
import { limitClients } from './services/http/client-limits.js';
import { answerBrokenRequest } from './services/http/broken-requests.js';
import { closeConnectionsAfterAnswers } from './services/http/closing.js';
import { answerError, answerNotFound, parameterError } from './services/http/error-mapping.js';
import type { GpuSource } from './services/http/gpu-route.js';
import { connectionOptions } from './services/http/connection-limits.js';
import { failureLimit } from './services/http/failure-limit.js';
import type { EngineSource } from './services/http/metrics.js';
import type { Readiness } from './services/http/ops-routes.js';
import { requestIds, tellRequestIds } from './services/http/request-ids.js';
import { addRoutes } from './services/http/routes.js';
import { serializersWhenNeeded, validatorWhenNeeded } from './services/http/schema-compilers.js';
import { ServedCameras } from './services/http/served-cameras.js';
import { registerShield } from './services/http/shield.js';
import { refuseStrangeRequests } from './services/http/strange-requests.js';
import { registerWebSockets } from './services/http/web-sockets.js';
import type { EncodeJpeg } from './services/jpeg/picture-cache.js';
import { PictureWork } from './services/jpeg/picture-work.js';
import { projectRoot } from './services/project-root.js';

export interface AppOptions {
  readonly registry: CameraRegistry;
  readonly encodeJpeg: EncodeJpeg;
  readonly gpus: GpuSource;
  readonly engine: EngineSource;
  /** JPEG quality where a viewer asks for none. */
  readonly jpegQuality: number;
  readonly log: FastifyBaseLogger;
  readonly roster: CameraRoster;
  /** Who may do what. */
  readonly access: AccessRules;
  readonly readiness: Readiness;
  /** Most requests for pictures that one client may have open. */
  readonly clientMaxRequests: number;
  /** Most requests of one client in a minute; 0 for no limit. */
  readonly requestsPerMinute: number;
  /** Most pictures in the making or waiting for it, over all cameras. */
  readonly encodeQueueMax: number;
  /** Addresses and networks whose X-Forwarded headers are believed. */
  readonly trustProxy?: readonly string[] | undefined;
  /** PEM; HTTP without TLS when absent. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

/** The HTTP side, ready to listen or to be injected into. Closing it closes every viewer, and no camera. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { registry, access, log, tls, trustProxy } = options;
  const app = Fastify({
    loggerInstance: log,
    // A page asks for its cameras every two seconds; failures are logged by the error handler.
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: { compilersFactory: { buildSerializer: serializersWhenNeeded } },
    schemaErrorFormatter: parameterError,
    frameworkErrors: answerError,
    clientErrorHandler: answerBrokenRequest,
    genReqId: requestIds(trustProxy),
    ...(trustProxy && { trustProxy: [...trustProxy] }),
    ...connectionOptions(tls),
  }) as FastifyInstance;
  app.setValidatorCompiler(validatorWhenNeeded);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);

  await registerWebSockets(app);
  tellRequestIds(app);
  refuseStrangeRequests(app);
  await registerShield(app, options.requestsPerMinute, access.allowedOrigins);
  limitClients(app, options.clientMaxRequests);
  await registerApiDocs(app);
  closeConnectionsAfterAnswers(app);
  await app.register(async (page) => {
    // Pages of other sites may use the element; what they may watch is another matter.
    page.addHook('onSend', async ({ url }, reply) => {
      if (!url.startsWith('/viewer/')) return;
      reply.headers({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' });
    });
    await page.register(fastifyStatic, { root: join(projectRoot, 'web') });
  });

  const cameras = new ServedCameras(registry, options.encodeJpeg, new PictureWork(options.encodeQueueMax), log);
  // In a context of its own: the page itself tells nothing, and has to load before anybody can log in.
  await app.register(async (api) => {
    const countFailure = failureLimit(api);
    const grants = new Grants();
    await guardRoutes(api, { rules: access, grants, countFailure });
    addRoutes(api, { ...options, cameras, tokens: access.tokens, grants, countFailure });
  });
  return app;
}
