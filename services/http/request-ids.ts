import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const HEADER = 'x-request-id';

/** UUIDs, trace ids and the like. Anybody can put a line break or a megabyte into a log with what is not. */
const USUAL_ID = /^[\w.:/+=-]{1,128}$/;

/**
 * Makes what gives each request its id, under which it is logged: the one that a proxy of those has given it, so that
 * the logs of both can be held side by side, else a new one.
 */
export function requestIds(trustProxy: readonly string[] = []): (request: IncomingMessage) => string {
  const proxies = new BlockList();
  for (const network of trustProxy) {
    const [address, prefix] = network.split('/') as [string, string?];
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(prefix), family);
  }
  return ({ headers, socket }) => {
    const given = headers[HEADER];
    return typeof given === 'string' && USUAL_ID.test(given) && isAmong(proxies, socket) ? given : randomUUID();
  };
}

/** A connection that broke while its request was on the way has no address any more. */
function isAmong(networks: BlockList, { remoteAddress }: Socket): boolean {
  return remoteAddress !== undefined && networks.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
}

/** Answers carry the id: whoever asks about a failure can name it. */
export function tellRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header(HEADER, request.id);
    done();
  });
}
