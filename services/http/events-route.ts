import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Grants } from '../access/grants.js';
import { maySee } from '../access/principal.js';
import type { CameraEvent } from '../cameras/camera-events.js';
import type { CameraRegistry } from '../cameras/camera-registry.js';
import { errors } from './error-responses.js';

/** Proxies close connections that are silent for a minute. */
const KEEPALIVE_MS = 20_000;

/** A reader this far behind has stopped reading. Events are some hundred bytes. */
const MOST_BUFFERED_BYTES = 256 * 1024;

/** GET /events: what happens to the cameras, as server-sent events, from now on. */
export function addEventsRoute(app: FastifyInstance, registry: Pick<CameraRegistry, 'onEvent'>, grants: Grants): void {
  const open = new Set<ServerResponse>();
  const schema = {
    summary: 'What happens to the cameras, from now on',
    tags: ['operation'],
    response: {
      200: {
        description: 'Endless: events up, down, added, changed and removed, each with JSON',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...errors(),
    },
  };
  app.get('/events', { schema, config: { countsPerClient: true }, exposeHeadRoute: false }, (request, reply) => {
    const { principal, grant } = request;
    const response = reply.raw;
    reply.hijack();
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    // Tells the client at once that it is connected, and after which pause to come back.
    write(response, 'retry: 2000\n\n');
    const stopListening = registry.onEvent((event) => {
      if (maySee(principal, event.camera)) write(response, format(event));
    });
    const keepalive = setInterval(() => write(response, ':\n\n'), KEEPALIVE_MS);
    const release = grants.hold(grant, () => response.end());
    open.add(response);
    response.on('close', () => {
      release();
      stopListening();
      clearInterval(keepalive);
      open.delete(response);
    });
    return reply;
  });
  app.addHook('preClose', (done) => {
    for (const response of open) response.end();
    done();
  });
}

function write(response: ServerResponse, text: string): void {
  if (response.writableLength > MOST_BUFFERED_BYTES) response.destroy();
  else response.write(text);
}

function format({ type, atMs, ...facts }: CameraEvent): string {
  return `event: ${type}\ndata: ${JSON.stringify({ ...facts, at: new Date(atMs).toISOString() })}\n\n`;
}
