import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Grants } from '../access/grants.js';
import { issueSession, SESSION_COOKIE, SESSION_SECONDS } from '../access/session-cookie.js';
import { signUrl } from '../access/signed-url.js';
import type { TokenBook } from '../access/token-book.js';
import { FramewellError } from '../errors.js';
import { loginOf } from './access-guard.js';
import type { CountFailure } from './failure-limit.js';
import { errors, publicErrors } from './error-responses.js';

/** Longest life of a signed URL, in seconds: one that leaks should not be a key for ever. */
const MOST_SECONDS = 7 * 24 * 3600;
const DEFAULT_SECONDS = 3600;
const SIGNABLE = /^\/(cameras\/[A-Za-z0-9_-]{1,64}\/(snapshot\.jpg|stream\.mjpeg|stream)|mosaic\.jpg|stream)(\?|$)/;

const sessionSchema = {
  type: 'object',
  required: ['name', 'role'],
  properties: { name: { type: 'string' }, role: { type: 'string', enum: ['viewer', 'admin'] } },
};

interface SignBody {
  readonly path: string;
  readonly expiresInSeconds?: number;
}

interface LoginParts {
  readonly tokens: TokenBook;
  readonly grants: Grants;
  readonly countFailure: CountFailure;
}

/** How a browser logs in and out, and how a picture is handed to somebody who has no login. */
export function addLoginRoutes(app: FastifyInstance, { tokens, grants, countFailure }: LoginParts): void {
  const tags = ['access'];
  const whoSchema = {
    summary: 'Who asks',
    tags,
    response: { 200: { description: 'By the name of the token', ...sessionSchema }, ...errors() },
  };
  app.get('/session', { schema: whoSchema }, (request, reply) =>
    reply.header('Cache-Control', 'no-store').send(request.principal),
  );

  app.post<{ Body: { token: string } }>(
    '/session',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Logs a browser in',
        tags,
        body: { type: 'object', required: ['token'], properties: { token: { type: 'string', maxLength: 512 } } },
        response: {
          200: { description: 'Logged in; the cookie says who', ...sessionSchema },
          ...publicErrors(400, 401, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const user = tokens.findByToken(request.body.token);
      if (user === undefined) {
        await countFailure(request);
        throw new FramewellError('ERR_UNAUTHORIZED', 'Expected a token that is valid');
      }
      request.log.info({ principal: user.name }, 'Logged in');
      return reply
        .header('Set-Cookie', cookie(request, issueSession(user, Date.now()), SESSION_SECONDS))
        .header('Cache-Control', 'no-store')
        .send(user);
    },
  );

  app.delete(
    '/session',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Logs a browser out',
        tags,
        response: {
          204: { description: 'The cookie is taken away, and what was open on it is closed', type: 'null' },
          ...publicErrors(400, 413, 415),
        },
      },
    },
    (request, reply) => {
      const login = loginOf(request, tokens);
      if (login) grants.logOut(login);
      return reply
        .header('Set-Cookie', cookie(request, '', 0))
        .code(204)
        .send();
    },
  );

  app.post<{ Body: SignBody }>(
    '/sign',
    {
      schema: {
        summary: 'Signs the URL of a picture or a stream, for who has no login',
        tags,
        body: {
          type: 'object',
          required: ['path'],
          properties: {
            path: { type: 'string', maxLength: 2048, description: 'Of a picture or a stream, with its query' },
            expiresInSeconds: { type: 'integer', minimum: 1, maximum: MOST_SECONDS },
          },
        },
        response: {
          200: {
            description: 'Whoever has the URL sees that, until then',
            type: 'object',
            required: ['url', 'expires'],
            properties: { url: { type: 'string' }, expires: { type: 'string', format: 'date-time' } },
          },
          ...errors(400, 413, 415),
        },
      },
    },
    (request, reply) => {
      const { path, expiresInSeconds = DEFAULT_SECONDS } = request.body;
      const signer = tokens.findByName(request.principal.name);
      if (signer === undefined) throw new FramewellError('ERR_FORBIDDEN', 'Expected a caller who has a token');
      if (!SIGNABLE.test(path)) {
        throw new FramewellError('ERR_BAD_PARAMETER', 'Expected the path of a picture or a stream for path');
      }
      const expiresAtMs = Date.now() + expiresInSeconds * 1000;
      const url = signUrl(path, signer, expiresAtMs);
      return reply.header('Cache-Control', 'no-store').send({ url, expires: new Date(expiresAtMs).toISOString() });
    },
  );

  /** Sent only by our own pages, and not readable by any script. */
  const cookie = ({ protocol }: FastifyRequest, value: string, maxAge: number) =>
    app.serializeCookie(SESSION_COOKIE, value, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: protocol === 'https',
      maxAge,
    });
}
