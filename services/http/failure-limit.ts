import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RetryLaterError } from '../errors.js';

/** Wrong tokens from one address; whoever mistypes needs fewer, whoever guesses needs more. */
const MOST_A_MINUTE = 20;

/** Counts a failed login of the client. */
export type CountFailure = (request: FastifyRequest) => Promise<void>;

/**
 * Makes what counts failed logins. It throws ERR_TOO_MANY_REQUESTS in place of the failure when they are too many. Who
 * has a right token is served even so: behind one address there may be a house, and a token is too long to be guessed.
 */
export function failureLimit(app: FastifyInstance): CountFailure {
  const check = app.createRateLimit({ max: MOST_A_MINUTE, timeWindow: '1 minute' });
  return async (request) => {
    const limit = await check(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    throw new RetryLaterError('ERR_TOO_MANY_REQUESTS', `Expected at most ${MOST_A_MINUTE} failed logins a minute`, {
      retryAfterS: limit.ttlInSeconds,
    });
  };
}
