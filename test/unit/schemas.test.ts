import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppRoutes } from '../support/app-routes.js';
import { startTestApp } from '../support/test-app.js';

test('every route has a schema for what comes in and for what goes out', async (t) => {
  const collected = new AppRoutes();
  await startTestApp(t);
  collected.stop();
  // Files and the pages of the API are served as they are.
  const routes = collected.all.filter(({ url }) => url !== '/*' && !url.startsWith('/docs'));

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
