/** RFC 2326 11: statuses that a camera gives. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

export interface RtspRequest {
  readonly type: 'request';
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Binary data among the messages (RFC 2326 10.12). */
export interface InterleavedData {
  readonly type: 'interleaved';
  readonly channel: number;
  readonly data: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const DOLLAR = 0x24;
const MAX_HEAD_BYTES = 16 * 1024;
const MAX_BODY_BYTES = 64 * 1024;

/** The client's bytes are no RTSP. */
export class RtspSyntaxError extends Error {}

/** Takes requests and interleaved data out of a connection's bytes, however TCP cut them. */
export class RtspParser {
  #pending: Buffer = Buffer.alloc(0);

  /** Gives all that is complete now. Throws RtspSyntaxError; where the next message begins is unknown then. */
  *push(chunk: Buffer): Generator<RtspRequest | InterleavedData> {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    for (let item = this.#takeNext(); item; item = this.#takeNext()) yield item;
  }

  #takeNext(): RtspRequest | InterleavedData | undefined {
    // RFC 2326 4: servers should ignore empty lines before a request.
    while (this.#pending[0] === 0x0d || this.#pending[0] === 0x0a) this.#pending = this.#pending.subarray(1);
    return this.#pending[0] === DOLLAR ? this.#takeInterleaved() : this.#takeRequest();
  }

  #takeInterleaved(): InterleavedData | undefined {
    if (this.#pending.length < 4) return undefined;
    const end = 4 + this.#pending.readUInt16BE(2);
    if (this.#pending.length < end) return undefined;
    const packet = this.#consume(end);
    return { type: 'interleaved', channel: packet.readUInt8(1), data: packet.subarray(4) };
  }

  #takeRequest(): RtspRequest | undefined {
    const headEnd = this.#pending.indexOf(HEAD_END);
    if (headEnd === -1) {
      if (this.#pending.length > MAX_HEAD_BYTES) {
        throw new RtspSyntaxError(`Expected a request head of at most ${MAX_HEAD_BYTES} bytes`);
      }
      return undefined;
    }
    const { method, url, headers } = parseHead(this.#pending.toString('utf8', 0, headEnd));
    const bodyBytes = Number(headers.get('content-length') ?? 0);
    if (!(bodyBytes >= 0 && bodyBytes <= MAX_BODY_BYTES)) {
      throw new RtspSyntaxError(
        `Expected Content-Length 0-${MAX_BODY_BYTES} but received ${headers.get('content-length')}`,
      );
    }
    const bodyBegin = headEnd + HEAD_END.length;
    if (this.#pending.length < bodyBegin + bodyBytes) return undefined;
    const body = this.#consume(bodyBegin + bodyBytes).subarray(bodyBegin);
    return { type: 'request', method, url, headers, body };
  }

  #consume(length: number): Buffer {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }
}

function parseHead(head: string) {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const match = /^([A-Z_]+) (\S+) RTSP\/\d\.\d$/.exec(requestLine);
  if (!match)
    throw new RtspSyntaxError(`Expected an RTSP request line but received ${JSON.stringify(requestLine.slice(0, 80))}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method: match[1] ?? '', url: match[2] ?? '', headers };
}

export interface RtspResponse {
  readonly status: number;
  /** Several values become several headers of the same name. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** Sent instead of all else. */
  readonly verbatim?: string;
}

export function formatResponse(response: RtspResponse, cseq: string | undefined): string {
  const { status, headers = {}, body = '', verbatim } = response;
  if (verbatim !== undefined) return verbatim;
  const lines = [`RTSP/1.0 ${status} ${REASONS[status] ?? 'Status'}`];
  if (cseq !== undefined) lines.push(`CSeq: ${cseq}`);
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values].flat()) lines.push(`${name}: ${value}`);
  }
  if (body) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
