import type { FastifyInstance } from 'fastify';

/** For what is being answered when the server closes; half of what the whole process has. */
const ANSWER_TIMEOUT_MS = 1200;

/**
 * Lets the server close as soon as its last request is answered, or could have been. Node closes the connections that
 * rest when the server closes, but neither those that come to rest later, which would stay open for the whole
 * keep-alive time, nor those on which a request has only begun, or not even that: browsers open such to have them.
 */
export function closeConnectionsAfterAnswers(app: FastifyInstance): void {
  let answering = 0;
  let isClosing = false;
  // In a turn of its own: an answer that has just ended is still to be sent.
  const closeAll = () => setImmediate(() => app.server.closeAllConnections());

  app.addHook('onRequest', (_request, reply, done) => {
    answering += 1;
    reply.raw.once('close', () => {
      answering -= 1;
      if (isClosing && answering === 0) closeAll();
    });
    done();
  });
  app.addHook('preClose', (done) => {
    isClosing = true;
    if (answering === 0) closeAll();
    // Also for a connection that comes before the server has stopped to listen.
    setTimeout(closeAll, ANSWER_TIMEOUT_MS).unref();
    done();
  });
}
