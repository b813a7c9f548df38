import { isIP } from 'node:net';
import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessRules } from '../access/access-rules.js';
import { ANONYMOUS, narrowedTo, type Principal } from '../access/principal.js';
import { readSession, SESSION_COOKIE } from '../access/session-cookie.js';
import { readSignedUrl } from '../access/signed-url.js';
import { FramewellError } from '../errors.js';
import type { CountFailure } from './failure-limit.js';

/**
 * Who may use a route; `viewer` where it says nothing. `picture` is `viewer`, or whoever has a signed URL of it.
 */
export type RouteAccess = 'public' | 'viewer' | 'picture' | 'admin';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Who asks; on public routes whoever comes. */
    principal: Principal;
  }
}

/** Finds out who asks, before anything else is looked at, and stops who may not. */
export async function guardRoutes(app: FastifyInstance, rules: AccessRules, countFailure: CountFailure): Promise<void> {
  await app.register(cookie);
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request, reply) => {
    const { access = 'viewer' } = request.routeOptions.config;
    try {
      request.principal = access === 'public' ? ANONYMOUS : admit(request, reply, access, rules);
    } catch (error) {
      const triedToLogIn = request.headers.authorization !== undefined;
      const isUnknown = error instanceof FramewellError && error.code === 'ERR_UNAUTHORIZED';
      if (triedToLogIn && isUnknown) await countFailure(request);
      throw error;
    }
  });
}

/** @throws FramewellError, which tells nothing of what there is behind the route. */
function admit(request: FastifyRequest, reply: FastifyReply, access: RouteAccess, rules: AccessRules): Principal {
  const { authorization } = request.headers;
  const token = authorization === undefined ? undefined : tokenOf(authorization);
  const known = token === undefined ? undefined : rules.tokens.findByToken(token);
  if (known) return requireRole(known, access);
  if (authorization === undefined) {
    const signer = access === 'picture' ? readSignedUrl(request.url, rules.tokens, Date.now()) : undefined;
    if (signer) return boundToUrl(signer, request);
    requireOwnOrigin(request, rules);
    const session = request.cookies[SESSION_COOKIE];
    const user = session === undefined ? undefined : readSession(session, rules.tokens, Date.now());
    if (user) return requireRole(user, access);
    if (access !== 'admin' && rules.anonymous !== 'nobody') return requireOwnHost(request, rules);
  }
  if (access === 'admin' && !rules.tokens.hasAdmin) {
    throw new FramewellError('ERR_ADMIN_DISABLED', 'Expected ADMIN_TOKEN to be set but changes over the API are off');
  }
  // RFC 9110 11.6.1: a 401 says how to authenticate.
  void reply.header('WWW-Authenticate', 'Bearer');
  throw new FramewellError('ERR_UNAUTHORIZED', `Expected ${expectedFor(access)} but received none that is valid`);
}

/**
 * RFC 6750 2.1, or RFC 7617 2 with the token as password, for programs that know no other login. Names of schemes are
 * case-insensitive (RFC 9110 11.1).
 */
function tokenOf(authorization: string): string | undefined {
  const [, scheme = '', credentials = ''] = /^(\S+) +(.*)$/s.exec(authorization.trim()) ?? [];
  if (/^bearer$/i.test(scheme)) return credentials;
  if (!/^basic$/i.test(scheme)) return undefined;
  const [, password] = Buffer.from(credentials, 'base64').toString().split(/:(.*)/s);
  return password;
}

/** On a socket more can be asked for than its URL says: of a signer's cameras only those that were signed. */
function boundToUrl(signer: Principal, request: FastifyRequest): Principal {
  const { id } = request.params as { readonly id?: string };
  const { cameras } = request.query as { readonly cameras?: string | readonly string[] };
  if (id !== undefined) return narrowedTo(signer, [id]);
  return cameras === undefined
    ? signer
    : narrowedTo(
        signer,
        [cameras].flat().flatMap((ids) => ids.split(',')),
      );
}

function expectedFor(access: RouteAccess): string {
  return access === 'admin' ? "an administrator's bearer token" : 'a bearer token or a login';
}

function requireRole(principal: Principal, access: RouteAccess): Principal {
  if (access === 'admin' && principal.role !== 'admin') {
    throw new FramewellError('ERR_FORBIDDEN', `Expected an administrator but ${principal.name} is a ${principal.role}`);
  }
  return principal;
}

/**
 * Cookies and loopback are open to every page of the user's browser, and WebSockets know no same-origin policy
 * (RFC 6455 10.2). Programs send no Origin.
 */
function requireOwnOrigin(request: FastifyRequest, { allowedOrigins }: AccessRules): void {
  const { origin } = request.headers;
  if (origin === undefined || allowedOrigins.has(origin)) return;
  const isOwn = URL.canParse(origin) && new URL(origin).host === request.host;
  const canChangeOrWatch = request.headers.upgrade !== undefined || request.method !== 'GET';
  if (!isOwn && canChangeOrWatch) {
    throw new FramewellError(
      'ERR_ORIGIN_NOT_ALLOWED',
      'Expected a page of this server or an origin of ALLOWED_ORIGINS',
    );
  }
}

/** A name of another site may be made to point here (DNS rebinding), and its pages then count as our own. */
function requireOwnHost(request: FastifyRequest, { anonymous }: AccessRules): Principal {
  const name = request.hostname.replace(/^\[|\]$/g, '');
  const isOwn = name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0;
  if (anonymous === 'thisMachine' && !isOwn) {
    throw new FramewellError(
      'ERR_HOST_NOT_ALLOWED',
      'Expected localhost or an IP address as host: to be reached by a name, set API_TOKENS or ALLOW_ANONYMOUS',
    );
  }
  return ANONYMOUS;
}
