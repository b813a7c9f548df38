import { isIP } from 'node:net';
import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessRules } from '../access/access-rules.js';
import type { Grant, Grants } from '../access/grants.js';
import { ANONYMOUS, narrowedTo, type Principal } from '../access/principal.js';
import { readSession, SESSION_COOKIE, type Login } from '../access/session-cookie.js';
import { readSignedUrl, type Signature } from '../access/signed-url.js';
import type { TokenBook } from '../access/token-book.js';
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
    /** On what, and until when: streams end with it. */
    grant: Grant;
  }
}

interface GuardParts {
  readonly rules: AccessRules;
  readonly grants: Grants;
  readonly countFailure: CountFailure;
}

/** Finds out who asks, before anything else is looked at, and stops who may not. */
export async function guardRoutes(app: FastifyInstance, { rules, grants, countFailure }: GuardParts): Promise<void> {
  await app.register(cookie);
  app.decorateRequest('principal');
  app.decorateRequest('grant');
  app.addHook('onRequest', async (request, reply) => {
    const { access = 'viewer' } = request.routeOptions.config;
    try {
      request.grant = access === 'public' ? { principal: ANONYMOUS } : admit(request, reply, access, { rules, grants });
      request.principal = request.grant.principal;
    } catch (error) {
      const triedToLogIn = request.headers.authorization !== undefined;
      const isUnknown = error instanceof FramewellError && error.code === 'ERR_UNAUTHORIZED';
      if (triedToLogIn && isUnknown) await countFailure(request);
      throw error;
    }
  });
}

/** @throws FramewellError, which tells nothing of what there is behind the route. */
function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  access: RouteAccess,
  { rules, grants }: Pick<GuardParts, 'rules' | 'grants'>,
): Grant {
  const { authorization } = request.headers;
  const token = authorization === undefined ? undefined : tokenOf(authorization);
  const known = token === undefined ? undefined : rules.tokens.findByToken(token);
  if (known) return { principal: requireRole(known, access) };
  if (authorization === undefined) {
    const signature = access === 'picture' ? readSignedUrl(request.url, rules.tokens, Date.now()) : undefined;
    if (signature) return boundToUrl(signature, request);
    requireOwnOrigin(request, rules);
    const login = loginOf(request, rules.tokens);
    if (login && !grants.isLoggedOut(login)) {
      const { user, id, expiresAtMs } = login;
      return { principal: requireRole(user, access), loginId: id, expiresAtMs };
    }
    if (access !== 'admin' && rules.anonymous !== 'nobody') return { principal: requireOwnHost(request, rules) };
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
function boundToUrl({ signer, expiresAtMs }: Signature, request: FastifyRequest): Grant {
  const { id } = request.params as { readonly id?: string };
  const { cameras } = request.query as { readonly cameras?: string | readonly string[] };
  const ids = id === undefined ? cameras : [id];
  if (ids === undefined) return { principal: signer, expiresAtMs };
  const principal = narrowedTo(
    signer,
    [ids].flat().flatMap((list) => list.split(',')),
  );
  return { principal, expiresAtMs };
}

/** The login of the request's cookie, which may have been logged out. */
export function loginOf(request: FastifyRequest, tokens: TokenBook): Login | undefined {
  const session = request.cookies[SESSION_COOKIE];
  return session === undefined ? undefined : readSession(session, tokens, Date.now());
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
