import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FramewellError } from '../errors.js';
import { MOST_HEADERS } from './connection-limits.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route takes WebSockets. */
    readonly upgrades?: boolean;
  }
}

/** RFC 3986 3.2.2 and 3.2.3, less the escapes that nobody uses; RFC 9112 3.2 allows none too. */
const HOST = /^[\w.~:[\]-]*$/;

/** Refuses what Node's parser lets pass and no honest client sends. Goes after the WebSocket plugin, before all else. */
export function refuseStrangeRequests(app: FastifyInstance): void {
  app.server.maxHeadersCount = MOST_HEADERS;
  app.addHook('onRequest', (request, reply, done) => {
    // Requests that are injected have no connection.
    const connection = request.raw.socket as Socket | undefined;
    // It broke when the request was on its way: there is nobody to answer, and no address to count it for.
    if (connection && connection.remoteAddress === undefined) {
      // Nobody reads from one that is upgraded, and so nobody would find out.
      connection.destroy();
      reply.hijack();
      done();
      return;
    }
    const problem = connection && strangenessOf(request);
    if (problem === undefined) {
      done();
      return;
    }
    // What follows on the connection is not to be trusted either.
    void reply.header('Connection', 'close');
    done(new FramewellError('ERR_BAD_REQUEST', problem));
  });
}

function strangenessOf({ raw, ws, routeOptions }: FastifyRequest): string | undefined {
  const { httpVersion, rawHeaders, headers } = raw;
  // Node takes the first line of HTTP/0.9 and HTTP/2 for one of HTTP/1.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'Expected HTTP/1.1';
  // Node leaves out those beyond.
  if (rawHeaders.length > 2 * MOST_HEADERS) return `Expected at most ${MOST_HEADERS} headers`;
  // RFC 9112 3.2: more than one, or one that is none, is to be answered 400.
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1 || !HOST.test(headers.host ?? '')) return 'Expected one host in Host';
  if (!ws) return undefined;
  if (!routeOptions.config.upgrades) return 'Expected no upgrade, which only live streams take';
  // RFC 6455 4.1: an upgrade is a GET of HTTP/1.1; what came as its body would be taken for frames.
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  return httpVersion === '1.0' || hasBody ? 'Expected an upgrade by HTTP/1.1 without a body' : undefined;
}
