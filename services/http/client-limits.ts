import type { FastifyInstance } from 'fastify';
import { RetryLaterError } from '../errors.js';
import { clientNetwork } from './client-network.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether requests of this route take one of the places that each client has. */
    readonly countsPerClient?: boolean;
  }
}

const RETRY_AFTER_S = 1;

/**
 * Lets one address, or network of IPv6, have at most `most` requests open on the routes that count: a client that opens
 * ever more takes neither the sockets nor the memory of the others. Goes after the WebSocket plugin, which closes what
 * is refused.
 */
export function limitClients(app: FastifyInstance, most: number): void {
  const openByClient = new Map<string, number>();
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.routeOptions.config.countsPerClient) {
      done();
      return;
    }
    const client = clientNetwork(request.ip);
    const open = openByClient.get(client) ?? 0;
    if (open >= most) {
      const message = `Expected at most ${most} open pictures and streams from one address`;
      done(new RetryLaterError('ERR_TOO_MANY_REQUESTS', message, { retryAfterS: RETRY_AFTER_S }));
      return;
    }
    openByClient.set(client, open + 1);
    // Of an answer when it is sent, given up or cut off; of a WebSocket when its connection is gone.
    reply.raw.once('close', () => {
      const left = openByClient.get(client)! - 1;
      if (left > 0) openByClient.set(client, left);
      else openByClient.delete(client);
    });
    done();
  });
}
