import type { FastifyInstance } from 'fastify';
import { ParameterError } from '../errors.js';
import { MOSAIC_WIDTH, MOST_TILES } from '../jpeg/mosaic-layout.js';
import { Mosaics } from '../jpeg/mosaic.js';
import { errors } from './error-responses.js';
import type { ServedCamera, ServedCameras } from './served-cameras.js';

interface MosaicQuery {
  readonly cameras?: string;
  readonly columns?: number;
  readonly width?: number;
}

const mosaicQuery = {
  type: 'object',
  properties: {
    cameras: { type: 'string', description: `Ids with commas between them, at most ${MOST_TILES}; default: all` },
    columns: { type: 'integer', minimum: 1, maximum: MOST_TILES, description: 'Tiles in a row; default: near square' },
    width: {
      type: 'integer',
      minimum: MOSAIC_WIDTH.least,
      maximum: MOSAIC_WIDTH.most,
      description: `Pixels; default: ${MOSAIC_WIDTH.usual}`,
    },
  },
};

const mosaicHeaders = {
  'X-Mosaic-Age-Ms': { type: 'integer', description: 'Milliseconds by which the ages in it have grown' },
};

/** GET /mosaic.jpg: many cameras in one picture. Answers 200 also when all are down: the tiles say so. */
export function addMosaicRoute(app: FastifyInstance, cameras: ServedCameras): void {
  const mosaics = new Mosaics();
  const schema = {
    summary: 'A contact sheet: many cameras in one picture',
    tags: ['pictures'],
    querystring: mosaicQuery,
    response: {
      200: {
        description: 'The sheet; what is down stands in it with its cause',
        headers: mosaicHeaders,
        content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } },
      },
      ...errors(400, 404),
    },
  };
  app.get<{ Querystring: MosaicQuery }>(
    '/mosaic.jpg',
    { schema, config: { access: 'picture', countsPerClient: true } },
    async (request, reply) => {
      const { cameras: ids, columns, width } = request.query;
      const seen = cameras.seenBy(request.principal);
      const shown = ids === undefined ? seen.list() : readIds(ids).map((id) => seen.get(id));
      const { jpeg, drawnAtMs } = await mosaics.get(shown.map(toMosaicCamera), { columns, width });
      return reply
        .type('image/jpeg')
        .header('Cache-Control', 'private, no-cache')
        .header('X-Mosaic-Age-Ms', Math.max(0, Date.now() - drawnAtMs))
        .send(jpeg);
    },
  );
}

function readIds(text: string): string[] {
  const ids = text.split(',');
  if (ids.includes('')) throw new ParameterError('cameras', 'ids with one comma between them', 'an empty one');
  return ids;
}

function toMosaicCamera({ camera, pictures }: ServedCamera) {
  const { id, name, stream } = camera;
  return { id, name, stream, pictures };
}
