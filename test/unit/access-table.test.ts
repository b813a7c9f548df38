import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import sharp from 'sharp';
import { parseAccessTokens } from '../../services/access/access-tokens.js';
import { issueSession, SESSION_COOKIE } from '../../services/access/session-cookie.js';
import { signUrl } from '../../services/access/signed-url.js';
import { AppRoutes } from '../support/app-routes.js';
import { ask, type Question, type Reply } from '../support/ask.js';
import { startTestApp } from '../support/test-app.js';

const ONE = 'token-of-who-sees-front';
const ALL = 'token-of-who-sees-every';
const ADMIN = 'token-of-who-may-change';
const API_TOKENS = `one:viewer:front:${ONE}, all:viewer:*:${ALL}, root:admin:*:${ADMIN}`;
const one = parseAccessTokens(API_TOKENS)!.find(({ name }) => name === 'one')!;

type Access = 'public' | 'viewer' | 'picture' | 'admin';

interface Row {
  readonly methods: readonly string[];
  /** As it is registered. */
  readonly route: string;
  /** What is asked for, where it is not the route's own path; `:id` stands for the camera. */
  readonly path?: string;
  readonly access: Access;
  /** What whoever may gets. */
  readonly status: number;
  /** Of a camera that there is not, where the answer depends on the camera. */
  readonly unknown?: number;
  readonly body?: unknown;
}

const GET = ['GET'];
const READ = ['GET', 'HEAD'];
/** To a WebSocket; by GET, as all of them. */
const UPGRADE = ['UPGRADE'];

const TABLE: readonly Row[] = [
  { methods: READ, route: '/*', path: '/', access: 'public', status: 200 },
  { methods: READ, route: '/*', path: '/viewer/framewell-camera.js', access: 'public', status: 200 },
  ...['/', '/json', '/yaml', '/static/swagger-initializer.js'].map((page): Row => {
    return { methods: READ, route: `/docs${page}`, access: 'public', status: 200 };
  }),
  { methods: ['HEAD'], route: '/docs', access: 'public', status: 200 },
  { methods: READ, route: '/docs/static/index.html', access: 'public', status: 302 },
  { methods: READ, route: '/docs/static/*', path: '/docs/static/swagger-ui.css', access: 'public', status: 200 },
  { methods: READ, route: '/healthz', access: 'public', status: 200 },
  { methods: READ, route: '/readyz', access: 'public', status: 200 },
  { methods: ['POST'], route: '/session', access: 'public', status: 200, body: { token: ALL } },
  { methods: ['DELETE'], route: '/session', access: 'public', status: 204 },

  { methods: READ, route: '/session', access: 'viewer', status: 200 },
  { methods: ['POST'], route: '/sign', access: 'viewer', status: 200, body: { path: '/cameras/:id/snapshot.jpg' } },
  { methods: READ, route: '/metrics', access: 'viewer', status: 200 },
  { methods: READ, route: '/gpu', access: 'viewer', status: 200 },
  { methods: GET, route: '/events', access: 'viewer', status: 200 },
  { methods: READ, route: '/cameras', access: 'viewer', status: 200 },
  { methods: READ, route: '/cameras/:id', access: 'viewer', status: 200, unknown: 404 },

  ...['jpg', 'webp', 'avif'].map((format): Row => {
    const route = `/cameras/:id/snapshot.${format}`;
    // However long the rows before take, the one picture is new enough.
    return { methods: READ, route, path: `${route}?maxAge=86400000`, access: 'picture', status: 200, unknown: 404 };
  }),
  { methods: READ, route: '/cameras/:id/stream.mjpeg', access: 'picture', status: 200, unknown: 404 },
  { methods: READ, route: '/cameras/:id/stream', access: 'picture', status: 426, unknown: 404 },
  { methods: READ, route: '/stream', access: 'picture', status: 426 },
  { methods: READ, route: '/stream', path: '/stream?cameras=:id', access: 'picture', status: 426, unknown: 404 },
  { methods: UPGRADE, route: '/cameras/:id/stream', access: 'picture', status: 101, unknown: 404 },
  { methods: UPGRADE, route: '/stream', access: 'picture', status: 101 },
  { methods: UPGRADE, route: '/stream', path: '/stream?cameras=:id', access: 'picture', status: 101, unknown: 404 },
  { methods: READ, route: '/mosaic.jpg', access: 'picture', status: 200 },
  {
    methods: READ,
    route: '/mosaic.jpg',
    path: '/mosaic.jpg?cameras=:id&width=160',
    access: 'picture',
    status: 200,
    unknown: 404,
  },

  { methods: ['POST'], route: '/cameras', access: 'admin', status: 409, body: { id: 'front', url: 'rtsp://a.test/' } },
  { methods: ['PATCH'], route: '/cameras/:id', access: 'admin', status: 409, unknown: 404, body: { name: 'x' } },
  { methods: ['DELETE'], route: '/cameras/:id', access: 'admin', status: 409, unknown: 404 },
  { methods: ['POST'], route: '/cameras/:id/retry', access: 'admin', status: 202, unknown: 404 },
];

type Authority = 'none' | 'one' | 'all' | 'admin';

interface Caller {
  /** What it amounts to on a route of that access. */
  readonly authority: (access: Access) => Authority;
  readonly question?: () => Question;
  /** Makes another path of the path. */
  readonly sign?: (path: string) => string;
}

const always = (authority: Authority) => () => authority;
const bearer = (token: string) => () => ({ headers: { authorization: `Bearer ${token}` } });

/** Each from an address of its own: failed logins of one are limited. */
let addresses = 0;
function wrongToken(): Question {
  addresses += 1;
  return { headers: { authorization: `Bearer ${ADMIN}x` }, from: `127.1.${addresses >> 8}.${addresses & 255}` };
}

const CALLERS: Readonly<Record<string, Caller>> = {
  'nobody known': { authority: always('none') },
  'a wrong token': { authority: always('none'), question: wrongToken },
  'a viewer of one camera': { authority: always('one'), question: bearer(ONE) },
  'the same, logged in': {
    authority: always('one'),
    question: () => ({ headers: { cookie: `${SESSION_COOKIE}=${issueSession(one, Date.now())}` } }),
  },
  'a URL that it signed': {
    authority: (access) => (access === 'picture' ? 'one' : 'none'),
    sign: (path) => signUrl(path, one, Date.now() + 60_000),
  },
  'a viewer of all cameras': { authority: always('all'), question: bearer(ALL) },
  'an administrator': { authority: always('admin'), question: bearer(ADMIN) },
};

/** One that the viewer of one may see, another, and none; ids as long as each other, for the length of answers. */
const CAMERAS = { permitted: 'front', other: 'yard_', unknown: 'none_' };
type Camera = keyof typeof CAMERAS;

function expectedStatus(row: Row, authority: Authority, camera: Camera): number {
  if (row.access !== 'public' && authority === 'none') return 401;
  if (row.access === 'admin' && authority !== 'admin') return 403;
  const isHidden = camera === 'unknown' || (camera === 'other' && authority === 'one');
  return isHidden ? (row.unknown ?? row.status) : row.status;
}

/** Without what differs with the moment, and the id that was asked for. */
function comparable({ status, headers, body }: Reply, id: string): object {
  const own = { date: '', 'x-mosaic-age-ms': '', 'x-request-id': '' };
  return { status, headers: { ...headers, ...own }, body: body.replaceAll(id, '<id>') };
}

test('every route, caller and camera', async (t) => {
  const routes = new AppRoutes();
  const { app, streams, encoder } = await startTestApp(t, {
    apiTokens: API_TOKENS,
    cameras: [CAMERAS.permitted, CAMERAS.other],
  });
  routes.stop();
  for (const stream of Object.values(streams)) stream.receiveFrame(1);
  encoder.jpeg = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;

  await t.test('are in the table', () => {
    const listed = TABLE.filter(({ methods }) => methods !== UPGRADE).flatMap(({ methods, route }) =>
      methods.map((method) => `${method} ${route}`),
    );
    assert.deepEqual(routes.names.sort(), [...new Set(listed)].sort());
  });

  for (const row of TABLE) {
    for (const method of row.methods) {
      const template = row.path ?? row.route;
      for (const [who, caller] of Object.entries(CALLERS)) {
        await t.test(`${method} ${template}, ${who}`, async () => {
          const authority = caller.authority(row.access);
          const answers = new Map<Camera, object>();
          for (const [camera, id] of Object.entries(CAMERAS) as [Camera, string][]) {
            const path = template.replaceAll(':id', id);
            const answer = await ask(port, caller.sign?.(path) ?? path, {
              ...caller.question?.(),
              ...(row.methods === UPGRADE ? { upgrade: true } : { method }),
              body: row.body && JSON.parse(JSON.stringify(row.body).replaceAll(':id', id)),
            });
            assert.equal(answer.status, expectedStatus(row, authority, camera), `${camera} camera: ${answer.body}`);
            answers.set(camera, comparable(answer, id));
          }
          const seesOne = authority === 'none' || authority === 'one';
          if (seesOne && row.unknown !== undefined) {
            assert.deepEqual(answers.get('other'), answers.get('unknown'));
          }
          const isRefused = [401, 403].includes(expectedStatus(row, authority, 'permitted'));
          if (isRefused) assert.deepEqual(answers.get('permitted'), answers.get('unknown'));
        });
      }
    }
  }
});
