import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { SESSION_COOKIE } from '../access/session-cookie.js';
import type { RouteAccess } from './access-guard.js';

const TAGS = [
  { name: 'cameras', description: 'Which there are, and how they do' },
  { name: 'pictures', description: 'One picture an answer' },
  { name: 'live', description: 'Pictures as they come, newest only' },
  { name: 'changing cameras', description: 'For an administrator' },
  { name: 'access', description: 'Logins and signed URLs' },
  { name: 'operation', description: 'For whoever runs it' },
];

/** Any one of them. */
const CREDENTIALS = [{ bearer: [] }, { basic: [] }, { cookie: [] }];
const SIGNATURE = { signature: [] };

/** GET /docs: the API for people, /docs/json for programs. Tells nothing of this server's cameras; goes before the routes. */
export async function registerApiDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Framewell',
        description: 'RTSP cameras in, their newest frame out.',
        version: '1',
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          basic: { type: 'http', scheme: 'basic', description: 'The token as password; the user is ignored' },
          cookie: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'Of POST /session' },
          signature: { type: 'apiKey', in: 'query', name: 'signature', description: 'Of POST /sign' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ url, schema: { ...schema, security: securityOf(route.config?.access) } }),
    transformObject: (document) => {
      const described = 'openapiObject' in document ? document.openapiObject : document.swaggerObject;
      // RFC 9110 9.3.2: HEAD is GET without the content, which need not be said of each.
      for (const operations of Object.values<{ head?: unknown } | undefined>(described.paths ?? {})) {
        delete operations?.head;
      }
      return described;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Its icons are in its style sheet; scripts and styles stay those of its own files.
    transformStaticCSP: (policy) => policy.replace(/img-src [^;]*/, "img-src 'self' data:"),
  });
}

function securityOf(access: RouteAccess = 'viewer') {
  if (access === 'public') return [];
  return access === 'picture' ? [...CREDENTIALS, SIGNATURE] : CREDENTIALS;
}
