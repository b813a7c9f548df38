import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { RetryLaterError } from '../errors.js';

/** What a page of another site has to know of a picture. */
const EXPOSED_HEADERS = ['ETag', 'Retry-After', 'X-Frame-*', 'X-Request-Id'];

/** Headers that make browsers careful, and a bound on how much one client may ask. */
export async function registerShield(
  app: FastifyInstance,
  requestsPerMinute: number,
  allowedOrigins: ReadonlySet<string>,
): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      // The page loads nothing from elsewhere and has nothing inline; pictures are shown from memory.
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
    // Pages of other sites may show pictures where they may read them, and with a signed URL.
    crossOriginResourcePolicy: { policy: allowedOrigins.size > 0 ? 'cross-origin' : 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // Whether a name is only to be reached over TLS is for whoever owns the name to say.
    strictTransportSecurity: false,
  });
  if (allowedOrigins.size > 0) {
    await app.register(cors, {
      origin: [...allowedOrigins],
      methods: ['GET', 'HEAD'],
      exposedHeaders: EXPOSED_HEADERS,
    });
  }
  await app.register(rateLimit, {
    global: requestsPerMinute > 0,
    max: requestsPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { max, ttl }) =>
      new RetryLaterError('ERR_TOO_MANY_REQUESTS', `Expected at most ${max} requests a minute`, {
        retryAfterS: Math.ceil(ttl / 1000),
      }),
  });
}
