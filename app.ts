import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { CameraRegistry } from './services/cameras/camera-registry.js';
import type { CameraRoster } from './services/cameras/camera-roster.js';
import { limitClients } from './services/http/client-limits.js';
import { answerError, answerNotFound, parameterError } from './services/http/error-mapping.js';
import { addRoutes } from './services/http/routes.js';
import { ServedCameras } from './services/http/served-cameras.js';
import { registerWebSockets } from './services/http/web-sockets.js';
import type { EncodeJpeg } from './services/jpeg/picture-cache.js';
import { PictureWork } from './services/jpeg/picture-work.js';
import { projectRoot } from './services/project-root.js';
import type { Secret } from './services/secret.js';

/** The page loads nothing from elsewhere and has nothing inline. */
const PAGE_HEADERS = {
  'Content-Security-Policy': "default-src 'self'; object-src 'none'; base-uri 'none'",
  'X-Content-Type-Options': 'nosniff',
};

export interface AppOptions {
  readonly registry: CameraRegistry;
  readonly encodeJpeg: EncodeJpeg;
  readonly log: FastifyBaseLogger;
  readonly roster: CameraRoster;
  /** Most requests for pictures that one client may have open. */
  readonly clientMaxRequests: number;
  /** Most pictures in the making or waiting for it, over all cameras. */
  readonly encodeQueueMax: number;
  /** Without it nobody may change anything over the API. */
  readonly adminToken?: Secret | undefined;
}

/** The HTTP side, ready to listen or to be injected into. Closing it closes every viewer, and no camera. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { registry, encodeJpeg, log, roster, clientMaxRequests, encodeQueueMax, adminToken } = options;
  const app = Fastify({
    loggerInstance: log,
    // A page asks for its cameras every two seconds; failures are logged by the error handler.
    logController: new LogController({ disableRequestLogging: true }),
    ajv: { customOptions: { verbose: true } },
    schemaErrorFormatter: parameterError,
    frameworkErrors: answerError,
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);

  await registerWebSockets(app);
  limitClients(app, clientMaxRequests);
  await app.register(fastifyStatic, {
    root: join(projectRoot, 'web'),
    setHeaders: (response) => {
      for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    },
  });

  addRoutes(app, new ServedCameras(registry, encodeJpeg, new PictureWork(encodeQueueMax), log), {
    roster,
    token: adminToken,
  });
  return app;
}
