import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Grants } from '../access/grants.js';
import { FramewellError, ParameterError } from '../errors.js';
import type { LiveLimits } from '../jpeg/rungs.js';
import { errors } from './error-responses.js';
import { liveQuery } from './live-limits.js';
import type { LiveViewers } from './live-viewers.js';
import { cameraParams, type CameraParams } from './schemas.js';
import type { ServedCameras } from './served-cameras.js';
import { SUBPROTOCOL } from './viewer-messages.js';
import { FramewellWire, PlainWire } from './viewer-wire.js';
import { MOST_CHANNELS, WebSocketViewer, type Wanted } from './viewer.js';

interface CamerasQuery extends LiveLimits {
  readonly cameras?: string;
}

const camerasQuery = {
  ...liveQuery,
  properties: {
    ...liveQuery.properties,
    cameras: { type: 'string', description: `Ids of at most ${MOST_CHANNELS} cameras, with commas between them` },
  },
};

const response = {
  101: { description: 'The WebSocket; docs/viewer-protocol.md has what is said on it', type: 'null' },
  ...errors(400, 404, 426),
};

/** One of those that RFC 6455 7.4.2 leaves to applications, after HTTP's 401. */
const LOGIN_ENDED = 4401;

interface StreamParts {
  readonly cameras: ServedCameras;
  readonly viewers: LiveViewers;
  readonly grants: Grants;
  /** Of pictures when a viewer asks for none. */
  readonly jpegQuality: number;
}

/**
 * WebSockets for live pictures, /cameras/:id/stream and /stream for many cameras. They stay open while a camera is down.
 * docs/viewer-protocol.md tells all.
 */
export function addStreamRoutes(app: FastifyInstance, { cameras, viewers, grants, jpegQuality }: StreamParts): void {
  const { websocket } = viewers;
  const onSent = (dropped: number) => websocket.countSent(dropped);
  const serve = (socket: WebSocket, request: FastifyRequest, wanted: readonly Wanted[]) => {
    // Requests that are injected have no connection.
    const connection = request.raw.socket as Socket | undefined;
    const wire = socket.protocol === SUBPROTOCOL ? new FramewellWire(socket, connection) : new PlainWire(socket);
    const seen = cameras.seenBy(request.principal);
    websocket.add(new WebSocketViewer(socket, wire, { cameras: seen, quality: jpegQuality, wanted, onSent }), socket);
    const end = () => socket.close(LOGIN_ENDED, 'The login or the signed URL has ended');
    socket.on('close', grants.hold(request.grant, end));
  };
  app.route<{ Params: CameraParams; Querystring: LiveLimits }>({
    method: 'GET',
    url: '/cameras/:id/stream',
    schema: {
      summary: 'Live pictures of one camera, over a WebSocket',
      tags: ['live'],
      params: cameraParams,
      querystring: liveQuery,
      response,
    },
    config: { access: 'picture', countsPerClient: true, upgrades: true },
    // Before the upgrade, so that an unknown camera is answered 404.
    preHandler: (request, _reply, done) => {
      cameras.seenBy(request.principal).get(request.params.id);
      done();
    },
    handler: askToUpgrade,
    wsHandler: (socket, request) => serve(socket, request, [{ camera: request.params.id, limits: request.query }]),
  });
  app.route<{ Querystring: CamerasQuery }>({
    method: 'GET',
    url: '/stream',
    schema: {
      summary: 'Live pictures of many cameras, over one WebSocket',
      tags: ['live'],
      querystring: camerasQuery,
      response,
    },
    config: { access: 'picture', countsPerClient: true, upgrades: true },
    preHandler: (request, _reply, done) => {
      const seen = cameras.seenBy(request.principal);
      for (const { camera } of wantedBy(request.query)) seen.get(camera);
      if (request.ws) requireSubprotocol(request.headers['sec-websocket-protocol']);
      done();
    },
    handler: askToUpgrade,
    wsHandler: (socket, request) => serve(socket, request, wantedBy(request.query)),
  });
}

function wantedBy({ cameras = '', ...limits }: CamerasQuery): Wanted[] {
  const ids = cameras.split(',').filter((id) => id !== '');
  if (ids.length > MOST_CHANNELS) throw new ParameterError('cameras', `at most ${MOST_CHANNELS} ids`, `${ids.length}`);
  return ids.map((camera) => ({ camera, limits }));
}

/** Plain pictures do not say which camera they are of. */
function requireSubprotocol(offered = ''): void {
  const protocols = offered.split(',').map((protocol) => protocol.trim());
  if (!protocols.includes(SUBPROTOCOL)) {
    throw new ParameterError('the subprotocol', SUBPROTOCOL, offered === '' ? 'none' : JSON.stringify(offered));
  }
}

function askToUpgrade(_request: FastifyRequest, reply: FastifyReply): never {
  reply.header('Upgrade', 'websocket');
  throw new FramewellError('ERR_UPGRADE_REQUIRED', 'Expected a WebSocket upgrade but received a plain request');
}
