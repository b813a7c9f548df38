import type { FastifyReply, FastifyRequest } from 'fastify';
import { FramewellError } from '../errors.js';
import type { Secret } from '../secret.js';

/** RFC 6750 2.1; the scheme's name is case-insensitive (RFC 9110 11.1). */
const BEARER = /^Bearer +(\S+) *$/i;

/** A hook that lets pass whoever sends the token. */
export function requireAdmin(token: Secret | undefined) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (token === undefined) {
      throw new FramewellError('ERR_ADMIN_DISABLED', 'Expected ADMIN_TOKEN to be set but changes over the API are off');
    }
    const sent = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (sent === undefined || !token.matches(sent)) {
      void reply.header('WWW-Authenticate', 'Bearer');
      throw new FramewellError('ERR_ADMIN_UNAUTHORIZED', 'Expected the ADMIN_TOKEN as bearer token');
    }
    done();
  };
}
