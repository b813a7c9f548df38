import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import sharp from 'sharp';
import { ERROR_CODES, FramewellError, type ErrorCode } from '../../services/errors.js';
import { AppRoutes } from '../support/app-routes.js';
import { ask, type Question } from '../support/ask.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../support/test-app.js';

const ADMIN_TOKEN = 'token-of-the-administrator';
const ATTIC = { id: 'attic', url: 'rtsp://camera.test/attic' };

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}

interface Document {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** How to get an answer out of a server of its own. */
interface Provocation {
  readonly options?: TestAppOptions;
  readonly path?: (path: string) => string;
  /** The administrator's token where it says nothing. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Whether it asks for a WebSocket. */
  readonly upgrade?: boolean;
  readonly prepare?: (app: TestApp) => unknown;
}

const admin = { authorization: `Bearer ${ADMIN_TOKEN}` };

function addAttic({ app }: TestApp) {
  return app.inject({ method: 'POST', url: '/cameras', headers: admin, payload: ATTIC });
}

/** Writes the first change and no other. */
function fillingStore(writes: number): TestAppOptions {
  let left = writes;
  const write = () => {
    left -= 1;
    return left < 0 ? Promise.reject(new FramewellError('ERR_STATE_FILE', 'The disk is full')) : Promise.resolve();
  };
  return { adminToken: ADMIN_TOKEN, store: { write } };
}

const onAttic = (path: string) => path.replace('front', 'attic');
const malformed = (path: string) => path.replace('front', '%zz');
const withQuery = (query: string) => (path: string) => `${path}?${query}`;

/** Of routes that take nothing that could be wrong. */
const UPGRADES = ['/cameras', '/gpu', '/events', '/session', '/healthz', '/readyz', '/metrics'].map((path) => [
  `get ${path} 400`,
  { upgrade: true },
]);

/** By method, path and status. */
const PROVOCATIONS: Readonly<Record<string, Provocation>> = {
  ...(Object.fromEntries(UPGRADES) as Record<string, Provocation>),
  'post /cameras 201': { body: ATTIC },
  'post /cameras 400': { body: {} },
  'post /cameras 409': { body: { ...ATTIC, id: 'front' } },
  'post /cameras 500': { body: ATTIC, options: fillingStore(0) },
  'get /cameras/{id} 400': { path: malformed },
  'patch /cameras/{id} 200': { body: { name: 'x' }, prepare: addAttic, path: onAttic },
  'patch /cameras/{id} 400': { body: { nme: 'x' } },
  'patch /cameras/{id} 404': { body: { name: 'x' }, path: (path) => path.replace('front', 'none') },
  'patch /cameras/{id} 409': { body: { name: 'x' } },
  'patch /cameras/{id} 500': { body: { name: 'x' }, options: fillingStore(1), prepare: addAttic, path: onAttic },
  'delete /cameras/{id} 204': { prepare: addAttic, path: onAttic },
  'delete /cameras/{id} 400': { path: malformed },
  'delete /cameras/{id} 409': {},
  'delete /cameras/{id} 500': { options: fillingStore(1), prepare: addAttic, path: onAttic },
  'post /cameras/{id}/retry 202': {},
  'post /cameras/{id}/retry 400': { path: malformed },
  'get /mosaic.jpg 404': { path: withQuery('cameras=none') },
  'get /stream 404': { path: withQuery('cameras=none') },
  'post /session 200': { body: { token: ADMIN_TOKEN } },
  'post /session 400': { body: {} },
  'post /session 401': { body: { token: 'not-the-right-token' } },
  'delete /session 204': {},
  'delete /session 400': { body: 'no JSON', headers: { ...admin, 'content-type': 'application/json' } },
  'post /sign 200': { body: { path: '/mosaic.jpg' } },
  'post /sign 400': { body: { path: '/metrics' } },
  'get /readyz 503': { prepare: ({ streams }) => Object.values(streams).forEach((stream) => stream.goDown()) },
};

/** By status, where the route needs nothing of its own. */
const USUAL: Readonly<Record<string, Provocation>> = {
  101: { upgrade: true },
  200: {
    prepare: async ({ streams, encoder }) => {
      streams.front!.receiveFrame(1);
      const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: 'teal' } });
      encoder.jpeg = await picture.jpeg().toBuffer();
    },
  },
  304: { prepare: ({ streams }) => streams.front!.receiveFrame(1), headers: { ...admin, 'if-none-match': '*' } },
  400: { path: withQuery('width=0') },
  401: { options: { apiTokens: `root:admin:*:${ADMIN_TOKEN}` }, headers: {} },
  403: { options: {}, headers: { host: 'rebound.example' } },
  404: { path: (path) => path.replace('front', 'none') },
  413: { body: { name: 'x'.repeat(1_200_000) } },
  414: { path: (path) => path.replace('front', 'x'.repeat(101)) },
  415: { body: '<camera/>', headers: { ...admin, 'content-type': 'application/xml' } },
  426: {},
  429: { options: { adminToken: ADMIN_TOKEN, requestsPerMinute: 1 }, prepare: ({ app }) => app.inject('/healthz') },
  500: {
    prepare: ({ streams, encoder }) => {
      streams.front!.receiveFrame(1);
      encoder.failure = new FramewellError('ERR_ENCODE_FAILED', 'The picture could not be encoded');
    },
  },
  503: { prepare: ({ streams }) => streams.front!.goDown() },
};

async function provoke(t: TestContext, method: string, template: string, status: string): Promise<Answer> {
  const special = PROVOCATIONS[`${method} ${template} ${status}`];
  const { options = { adminToken: ADMIN_TOKEN }, ...how } = special ?? USUAL[status] ?? {};
  const testApp = await startTestApp(t, options);
  await how.prepare?.(testApp);
  const path = template.replace('{id}', 'front');
  const { path: pathOf = (same: string) => same, headers = admin, body, upgrade = false } = how;
  const question = { method: method.toUpperCase(), headers, body };
  const url = pathOf(path);
  const isEndless = status === '200' && /\.mjpeg$|^\/events/.test(url);
  return upgrade || isEndless
    ? answerOverSocket(testApp.app, url, { ...question, upgrade })
    : answerOf(testApp.app, url, question);
}

async function answerOverSocket(app: FastifyInstance, url: string, question: Question): Promise<Answer> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const answer = await ask((app.server.address() as AddressInfo).port, url, question);
  return { ...answer, type: answer.headers['content-type'] ?? '' };
}

async function answerOf(app: FastifyInstance, url: string, { method, headers, body }: Question): Promise<Answer> {
  const answer = await app.inject({
    method: method as 'GET',
    url,
    headers: { ...headers },
    ...(body !== undefined && { payload: body as object }),
  });
  return { status: answer.statusCode, type: String(answer.headers['content-type'] ?? ''), body: answer.body };
}

async function readDocument(t: TestContext): Promise<{ document: Document; routes: readonly string[] }> {
  const routes = new AppRoutes();
  const { app } = await startTestApp(t);
  routes.stop();
  return { document: (await app.inject('/docs/json')).json(), routes: routes.names };
}

test('the document has every route of the API, with words for people', async (t) => {
  const { document, routes } = await readDocument(t);
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace('{id}', ':id')}`),
  );
  const served = routes.filter((name) => !/^HEAD | \/(\*|docs)/.test(name));
  assert.deepEqual(described.sort(), served.sort());
  const tags = document.tags.map(({ name }) => name);
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const { summary, tags: own = [], responses } of Object.values(operations)) {
      assert.ok(summary, path);
      assert.ok(own.length === 1 && tags.includes(own[0]!), `${path}: ${own.join()}`);
      for (const { description } of Object.values(responses)) assert.notEqual(description, 'Default Response', path);
    }
  }
});

test('every response that is documented is given', async (t) => {
  const { document } = await readDocument(t);
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      for (const [status, { content }] of Object.entries(responses)) {
        await t.test(`${method.toUpperCase()} ${path}: ${status}`, async (t) => {
          const answer = await provoke(t, method, path, status);
          assert.equal(String(answer.status), status, answer.body);
          if (content === undefined) assert.equal(answer.body, '');
          else assert.ok(Object.keys(content).includes(answer.type.split(';')[0]!), answer.type);
          const isError = Number(status) >= 400 && path !== '/readyz';
          if (isError) assertError(answer);
        });
      }
    }
  }
});

function assertError({ status, body }: Answer): void {
  const { code, message } = JSON.parse(body) as { code: ErrorCode; message: string };
  assert.ok(message.length > 0);
  // What Fastify refuses itself has a status of its own.
  if (code !== 'ERR_BAD_REQUEST') assert.equal(ERROR_CODES[code].status, status, code);
}

describe('its pages', () => {
  test('obey the security headers, with icons of their style sheet besides', async (t) => {
    const { app } = await startTestApp(t, { apiTokens: `anna:viewer:*:${ADMIN_TOKEN}` });
    const page = await app.inject('/docs/');
    assert.equal(page.statusCode, 200);
    const policy = String(page.headers['content-security-policy']);
    assert.match(policy, /^default-src 'self';img-src 'self' data:;object-src 'none';/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    const { headers } = await app.inject('/');
    assert.match(String(headers['content-security-policy']), /img-src 'self' blob:;/);
  });

  test('tell nothing of the cameras', async (t) => {
    const { app } = await startTestApp(t, { cameras: ['secret-garden'] });
    const { body } = await app.inject('/docs/json');
    assert.ok(!body.includes('secret-garden'));
  });
});
