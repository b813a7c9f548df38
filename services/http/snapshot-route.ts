import type { FastifyInstance } from 'fastify';
import type { Freshness, Moment } from '../jpeg/freshness.js';
import { PICTURE_FORMATS } from '../jpeg/picture-format.js';
import type { Snapshot } from '../jpeg/snapshots.js';
import type { EngineName } from '../stream/decode-backend.js';
import { matches } from './entity-tags.js';
import { errors } from './error-responses.js';
import { readSnapshotQuery, snapshotQuery, type SnapshotQuery } from './picture-schemas.js';
import { cameraParams, type CameraParams } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';

const time = { type: 'string', format: 'date-time' };

const headers = {
  ETag: { type: 'string', description: 'Other for every picture: camera, frame, size, quality, format' },
  'Last-Modified': { type: 'string', description: 'When the picture was received' },
  'X-Frame-Sequence': { type: 'integer', description: "Counts the camera's pictures over all its connections" },
  'X-Frame-Age-Ms': { type: 'integer', description: 'Milliseconds since the picture was received' },
  'X-Frame-Received-At': time,
  'X-Frame-Captured-At': { ...time, description: 'When the camera says that it took the picture, where it does' },
  'X-Frame-Engine': { type: 'string', description: 'What decoded it: cpu or cuda' },
  'X-Frame-Stale': { type: 'string', description: '`true` with onStale=last, where the picture is too old' },
  'X-Frame-At-Error-Ms': { type: 'integer', description: 'With `at`: how much later than that it was received' },
};

const binary = { schema: { type: 'string', format: 'binary' } };

const schema = {
  summary: 'The newest picture, as new, as large and as good as asked for',
  tags: ['pictures'],
  params: cameraParams,
  querystring: snapshotQuery,
  response: {
    200: {
      description: 'The picture',
      headers,
      content: Object.fromEntries(Object.values(PICTURE_FORMATS).map((type) => [type, binary])),
    },
    304: { description: 'The picture of If-None-Match is still the newest', headers, type: 'null' },
    ...errors(400, 404, 500, 503),
  },
};

/** GET and HEAD /cameras/:id/snapshot.jpg, .webp, .avif: one picture, as new as asked for. docs/snapshots.md tells all. */
export function addSnapshotRoute(app: FastifyInstance, cameras: ServedCameras): void {
  for (const format of ['jpeg', 'webp', 'avif'] as const) {
    app.route<{ Params: CameraParams; Querystring: SnapshotQuery }>({
      // Fastify's own HEAD would make the picture only to learn its length.
      method: ['GET', 'HEAD'],
      url: `/cameras/:id/snapshot.${format === 'jpeg' ? 'jpg' : format}`,
      schema,
      config: { access: 'picture', countsPerClient: true },
      handler: async (request, reply) => {
        const { camera, pictures } = cameras.seenBy(request.principal).get(request.params.id);
        const { options, wish } = readSnapshotQuery(request.query, format);
        const { signal } = request;
        try {
          await pictures.snapshots.take(options, wish, signal, async (snapshot) => {
            const isKnown = matches(request.headers['if-none-match'], snapshot.tag);
            const body = isKnown || request.method === 'HEAD' ? undefined : await snapshot.encode();
            if (isKnown) void reply.code(304);
            else void reply.type(PICTURE_FORMATS[options.format]);
            const { name } = camera.stream.getStatus().engine;
            void reply.headers(headersOf(snapshot, wish, name)).send(body);
          });
        } catch (error) {
          // The client has gone.
          if (error === signal.reason) return reply.hijack();
          throw error;
        }
        return reply;
      },
    });
  }
}

/** As of now: the age goes on while a picture is made. */
function headersOf(snapshot: Snapshot, wish: Freshness | Moment, engine: EngineName): Record<string, string | number> {
  const { sequence, receivedAtMs, captureAtMs } = snapshot.facts;
  const receivedAt = new Date(receivedAtMs);
  return {
    ETag: `"${snapshot.tag}"`,
    'Cache-Control': 'private, no-cache',
    'Last-Modified': receivedAt.toUTCString(),
    'X-Frame-Sequence': sequence,
    'X-Frame-Age-Ms': Math.max(0, Math.round(Date.now() - receivedAtMs)),
    'X-Frame-Received-At': receivedAt.toISOString(),
    ...(captureAtMs !== undefined && { 'X-Frame-Captured-At': new Date(captureAtMs).toISOString() }),
    'X-Frame-Engine': engine,
    ...(snapshot.isStale && { 'X-Frame-Stale': 'true' }),
    ...('atMs' in wish && { 'X-Frame-At-Error-Ms': Math.round(receivedAtMs - wish.atMs) }),
  };
}
