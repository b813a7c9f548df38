import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** An address of this machine to ask from. */
  readonly from?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const ENDLESS = /^(multipart\/x-mixed-replace|text\/event-stream)/;

/** Asks a server of this machine and reads what it answers; of an endless answer the head. */
export async function ask(port: number, path: string, question: Question = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body, from } = question;
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    localAddress: from,
    agent: false,
  });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const isEndless = ENDLESS.test(answer.headers['content-type'] ?? '');
  if (isEndless) asked.destroy();
  return { status: answer.statusCode!, headers: answer.headers, body: isEndless ? '' : await text(answer) };
}
