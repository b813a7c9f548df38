import type { FastifyInstance } from 'fastify';
import websocket from '@fastify/websocket';
import { SUBPROTOCOL } from './viewer-messages.js';

/** Viewers say little. */
const MOST_BYTES_RECEIVED = 1024;

/** Time for viewers to answer the close frame. */
const CLOSE_TIMEOUT_MS = 1000;

/** RFC 6455 7.4.1: the endpoint is going away. */
const GOING_AWAY = 1001;

/** Lets routes take WebSockets, and closes them before the server closes. */
export async function registerWebSockets(app: FastifyInstance): Promise<void> {
  await app.register(websocket, {
    options: {
      maxPayload: MOST_BYTES_RECEIVED,
      // The library would take the first that is offered, whatever it is.
      handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    },
    errorHandler: (error, socket, request) => {
      request.log.debug({ err: error }, 'WebSocket closed after an error');
      socket.terminate();
    },
    preClose(done) {
      const { clients } = app.websocketServer;
      const lateCloser = setTimeout(() => clients.forEach((client) => client.terminate()), CLOSE_TIMEOUT_MS);
      app.websocketServer.close(() => {
        clearTimeout(lateCloser);
        done();
      });
      for (const client of clients) client.close(GOING_AWAY, 'The server is closing');
    },
  });
}
