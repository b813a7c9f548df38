import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify, { type RouteOptions } from 'fastify';
import { CameraRegistry } from '../../services/cameras/camera-registry.js';
import { CameraRoster } from '../../services/cameras/camera-roster.js';
import { TokenBook } from '../../services/access/token-book.js';
import { addRoutes } from '../../services/http/routes.js';
import { ServedCameras } from '../../services/http/served-cameras.js';
import { registerWebSockets } from '../../services/http/web-sockets.js';
import { PictureWork } from '../../services/jpeg/picture-work.js';
import { FakeEncoder, memoryLog, NO_GPUS } from '../support/test-app.js';
import { FakeBackend } from '../support/fake-backend.js';
import { FakeStream } from '../support/fake-stream.js';

test('every route has a schema for what comes in and for what goes out', async (t) => {
  const { log } = memoryLog();
  const routes: RouteOptions[] = [];
  const app = Fastify();
  t.after(() => app.close());
  app.addHook('onRoute', (route) => void routes.push(route));
  await registerWebSockets(app);
  const registry = new CameraRegistry({ createDecoder: () => new FakeStream() }, log);
  const roster = new CameraRoster(registry, { configured: [] });
  addRoutes(app, {
    cameras: new ServedCameras(registry, new FakeEncoder().encode, new PictureWork(100), log),
    registry,
    roster,
    tokens: new TokenBook([]),
    readiness: { livePercent: 50 },
    gpus: NO_GPUS,
    engine: new FakeBackend(),
    jpegQuality: 80,
    countFailure: async () => undefined,
  });
  await app.ready();

  assert.ok(routes.some(({ url }) => url === '/cameras/:id/stream'));
  for (const { method, url, schema } of routes) {
    const name = `${String(method)} ${url}`;
    const response = schema?.response as Record<string, unknown> | undefined;
    assert.ok(response?.['4xx'] && response['5xx'], `errors of ${name}`);
    // The stream's answer is an upgrade.
    assert.ok(
      Object.keys(response).some((status) => status.startsWith('2')) || url.endsWith('/stream'),
      `answer of ${name}`,
    );
    if (method === 'PATCH' || (url === '/cameras' && method === 'POST')) assert.ok(schema?.body, `body of ${name}`);
    if (url.includes(':id')) assert.ok(schema?.params, `params of ${name}`);
    if (/snapshot|stream/.test(url)) assert.ok(schema?.querystring, `query of ${name}`);
  }
});
