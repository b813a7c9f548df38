import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import buildsValidators from '@fastify/ajv-compiler';
import type { RouteOptions } from 'fastify';
import { AppRoutes } from '../support/app-routes.js';
import { startTestApp } from '../support/test-app.js';

async function allRoutes(t: TestContext): Promise<readonly RouteOptions[]> {
  const collected = new AppRoutes();
  await startTestApp(t);
  collected.stop();
  return collected.all;
}

test('every route has a schema for what comes in and for what goes out', async (t) => {
  // Files and the pages of the API are served as they are.
  const routes = (await allRoutes(t)).filter(({ url }) => url !== '/*' && !url.startsWith('/docs'));

  assert.ok(routes.some(({ url }) => url === '/cameras/:id/stream'));
  for (const { method, url, schema, config } of routes) {
    const name = `${String(method)} ${url}`;
    const statuses = Object.keys(schema?.response ?? {});
    // Each by itself, so that the document can be held to it.
    assert.ok(
      statuses.every((status) => /^\d{3}$/.test(status)),
      `${statuses.join()} of ${name}`,
    );
    const usual = config?.access === 'public' ? ['429'] : ['401', '403', '429'];
    for (const status of usual) assert.ok(statuses.includes(status), `${status} of ${name}`);
    // The stream's answer is an upgrade.
    assert.ok(
      statuses.some((status) => status.startsWith('2') || status === '101'),
      `answer of ${name}`,
    );
    if (method === 'PATCH' || (url === '/cameras' && method === 'POST')) assert.ok(schema?.body, `body of ${name}`);
    if (url.includes(':id')) assert.ok(schema?.params, `params of ${name}`);
    if (/snapshot|stream/.test(url)) assert.ok(schema?.querystring, `query of ${name}`);
  }
});

test('every schema of what comes in is one', async (t) => {
  const compile = buildsValidators()({}, { customOptions: {} });
  for (const { method, url, schema } of await allRoutes(t)) {
    const { params, querystring, headers, body } = schema ?? {};
    for (const [part, partSchema] of Object.entries({ params, querystring, headers, body })) {
      if (partSchema === undefined) continue;
      assert.doesNotThrow(() => compile({ schema: partSchema }), `${part} of ${String(method)} ${url}`);
    }
  }
});
