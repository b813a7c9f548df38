import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, of the type that the headers name. */
  readonly content?: string;
  /** Whether it asks for a WebSocket, which is closed again. */
  readonly upgrade?: boolean;
  /** An address of this machine to ask from. */
  readonly from?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** RFC 6455 1.3. */
const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'framewell.v1',
};

const ENDLESS = /^(multipart\/x-mixed-replace|text\/event-stream)/;

/** Asks a server of this machine and reads what it answers; of an endless answer the head. */
export async function ask(port: number, path: string, question: Question = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body, content, upgrade = false, from } = question;
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      // Without it what follows a DELETE would be another request.
      ...(content !== undefined && { 'content-length': String(Buffer.byteLength(content)) }),
      ...(upgrade && HANDSHAKE),
      ...headers,
    },
    localAddress: from,
    agent: false,
  });
  asked.end(body === undefined ? content : JSON.stringify(body));
  const answered = Promise.race([once(asked, 'response'), once(asked, 'upgrade')]);
  const [answer, socket] = (await answered) as [IncomingMessage, Socket?];
  socket?.destroy();
  const isEndless = ENDLESS.test(answer.headers['content-type'] ?? '');
  if (isEndless) asked.destroy();
  const isRead = isEndless || socket !== undefined;
  return { status: answer.statusCode!, headers: answer.headers, body: isRead ? '' : await text(answer) };
}
