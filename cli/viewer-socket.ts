import { on } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../services/http/viewer-messages.js';
import { CommandFailure } from './failure.js';
import type { Query, ServerClient } from './server-client.js';

/** docs/viewer-protocol.md; there is no falling back to plain JPEGs, which would tell no age. */
const PROTOCOL = 'framewell.v1';
const HEADER_BYTES = 32;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Messages held while one is being dealt with; then the socket is not read, and the server skips pictures. */
const MOST_HELD = 4;

/** A picture with what its header says. Times are Unix milliseconds. */
export interface ViewedPicture {
  readonly type: 'picture';
  readonly sequence: number;
  /** How old it was when the server sent it. */
  readonly ageMs: number;
  /** Of the ladder that the link is on: 0 is all that was asked for. */
  readonly rung: number;
  readonly receivedAtMs: number;
  /** Undefined where the camera does not say. */
  readonly capturedAtMs: number | undefined;
  readonly jpeg: Buffer;
}

/** What the server tells in text, as long as the camera is there. */
export type ViewedNews = Exclude<ServerMessage, { readonly type: 'ended' }>;

/**
 * One camera's pictures and what the server tells of it, until `signal` is aborted, which is no error.
 * @throws CommandFailure when the server refuses, or ends the stream
 */
export async function* watchCamera(
  server: ServerClient,
  id: string,
  query: Query,
  signal: AbortSignal,
): AsyncGenerator<ViewedPicture | ViewedNews, void, undefined> {
  const socket = new WebSocket(server.socketUrl(`cameras/${id}/stream`, query), PROTOCOL, {
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  const messages = on(socket, 'message', { close: ['close'], highWaterMark: MOST_HELD, lowWaterMark: 1, signal });
  let farewell = '';
  socket.on('close', (code, reason) => (farewell = `${code} ${reason.toString()}`.trimEnd()));
  try {
    await opened(socket, server, signal);
    for await (const [data, isBinary] of messages as AsyncIterable<[Buffer, boolean]>) {
      yield isBinary ? readPicture(data) : readNews(data.toString());
    }
    throw new CommandFailure(`The server ended the stream (${farewell})`);
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof CommandFailure ? error : server.unreachable(error);
  } finally {
    socket.terminate();
  }
}

/** Resolves when the server has agreed to the protocol. */
async function opened(socket: WebSocket, server: ServerClient, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', reject);
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      buffer(response).then((body) => reject(server.refusal(response.statusCode!, body.toString())), reject);
    });
  });
}

/** @throws CommandFailure for the news that the camera was taken out */
function readNews(text: string): ViewedNews {
  const message = JSON.parse(text) as ServerMessage;
  if (message.type === 'ended') throw new CommandFailure(message.message, { code: message.code });
  return message;
}

/** 32 bytes, little-endian, then the JPEG. */
function readPicture(data: Buffer): ViewedPicture {
  const capturedAtMs = Number(data.readBigUInt64LE(24));
  return {
    type: 'picture',
    rung: data.readUInt8(1),
    ageMs: data.readUInt32LE(4),
    sequence: Number(data.readBigUInt64LE(8)),
    receivedAtMs: Number(data.readBigUInt64LE(16)),
    capturedAtMs: capturedAtMs === 0 ? undefined : capturedAtMs,
    jpeg: data.subarray(HEADER_BYTES),
  };
}
