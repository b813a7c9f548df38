import type { IncomingMessage } from 'node:http';

export interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Reads an endless multipart answer part by part; without a call nothing is read. */
export class MultipartReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #delimiter: string;
  #rest: Buffer = Buffer.alloc(0);

  constructor(response: IncomingMessage) {
    const boundary = /^multipart\/x-mixed-replace; boundary=(\S+)$/.exec(response.headers['content-type'] ?? '')?.[1];
    if (boundary === undefined) throw new Error(`Expected multipart but received ${response.headers['content-type']}`);
    this.#delimiter = `--${boundary}\r\n`;
    this.#chunks = response.iterator() as AsyncIterator<Buffer>;
  }

  /** The next part, whose end is known by the delimiter after it; undefined when the answer has ended. */
  async next(): Promise<Part | undefined> {
    let headEnd: number;
    while ((headEnd = this.#rest.indexOf('\r\n\r\n')) === -1) {
      if (!(await this.#readUpTo(this.#rest.length + 1))) return undefined;
    }
    const head = this.#rest.subarray(0, headEnd).toString();
    if (!head.startsWith(this.#delimiter)) throw new Error(`Expected a delimiter but received ${head}`);
    const lines = head.slice(this.#delimiter.length).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
    const begin = headEnd + '\r\n\r\n'.length;
    const end = begin + Number(headers['Content-Length']);
    const next = end + '\r\n'.length;
    if (!(await this.#readUpTo(next + this.#delimiter.length))) return undefined;
    const body = this.#rest.subarray(begin, end);
    this.#rest = this.#rest.subarray(next);
    return { headers, body };
  }

  /** Whether so many bytes could be had. */
  async #readUpTo(length: number): Promise<boolean> {
    const chunks: Buffer[] = [this.#rest];
    for (let missing = length - this.#rest.length; missing > 0;) {
      const { value, done } = await this.#chunks.next();
      if (done) return false;
      chunks.push(value);
      missing -= value.length;
    }
    this.#rest = Buffer.concat(chunks);
    return true;
  }
}
