import type { FastifyInstance } from 'fastify';

/**
 * Lets the server close as soon as its last request is answered. Node closes the connections that are idle when the
 * server closes, but not those that become so later: they would stay open for the whole keep-alive time.
 */
export function closeConnectionsAfterAnswers(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  app.addHook('onResponse', (_request, _reply, done) => {
    if (isClosing) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
}
