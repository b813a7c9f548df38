import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Grants } from '../access/grants.js';
import { maySee } from '../access/principal.js';
import type { CameraEvent } from '../cameras/camera-events.js';
import type { CameraRegistry } from '../cameras/camera-registry.js';
import { EventHistory } from '../cameras/event-history.js';
import { errors } from './error-responses.js';

/** Proxies close connections that are silent for a minute. */
const KEEPALIVE_MS = 20_000;

/** A reader this far behind has stopped reading. Events are some hundred bytes. */
const MOST_BUFFERED_BYTES = 256 * 1024;

/**
 * GET /events: what happens to the cameras, as server-sent events, from now on. A client that comes back with
 * Last-Event-ID is told what it has missed; `resync` says that this is not known any more, and that it should look at
 * the cameras anew.
 */
export function addEventsRoute(app: FastifyInstance, registry: Pick<CameraRegistry, 'onEvent'>, grants: Grants): void {
  const open = new Set<ServerResponse>();
  const history = new EventHistory();
  registry.onEvent((event) => history.add(event));
  const schema = {
    summary: 'What happens to the cameras, from now on or from the event that is named',
    tags: ['operation'],
    headers: {
      type: 'object',
      properties: { 'last-event-id': { type: 'string', description: 'Of the last event that was seen' } },
    },
    response: {
      200: {
        description:
          'Endless: events up, down, added, changed and removed, each with JSON; resync where some were missed for good',
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
    const isSeen = ({ camera }: CameraEvent) => maySee(principal, camera);
    const missed = missedBy(request.headers, history);
    const news = missed?.filter(isSeen).map(format).join('') ?? 'event: resync\ndata: {}\n';
    // Tells the client at once that it is connected, after which pause to come back, and with which id, which counts
    // without an event too (HTML 9.2.6).
    write(response, `${news}retry: 2000\nid: ${history.position}\n\n`);
    const stopListening = registry.onEvent((event) => {
      if (isSeen(event)) write(response, format(event));
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

/** Undefined when it is not known any more. */
function missedBy(headers: IncomingHttpHeaders, history: EventHistory): readonly CameraEvent[] | undefined {
  const lastSeen = headers['last-event-id'];
  return lastSeen === undefined ? [] : history.after(String(lastSeen));
}

function write(response: ServerResponse, text: string): void {
  if (response.writableLength > MOST_BUFFERED_BYTES) response.destroy();
  else response.write(text);
}

function format({ type, id, atMs, ...facts }: CameraEvent): string {
  const data = JSON.stringify({ ...facts, at: new Date(atMs).toISOString() });
  return `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
}
