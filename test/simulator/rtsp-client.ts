import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { h264Nals } from './depacketize.js';

export interface Response {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RtpPacket {
  readonly channel: number;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

const INTERLEAVED = 'RTP/AVP/TCP;unicast;interleaved=0-1';

/** A bare RTSP client that shows every message and packet, for what ffmpeg would smooth over. */
export class RtspClient {
  readonly url: string;
  readonly socket: Socket;
  /** Settles when the server has closed the connection. */
  readonly closed: Promise<unknown>;
  readonly #responses = new Queue<Response>();
  readonly #rtp = new Queue<RtpPacket>();
  readonly #rtcp = new Queue<Buffer>();
  #pending: Buffer = Buffer.alloc(0);
  #cseq = 0;
  #session: string | undefined;

  static async connect(url: string): Promise<RtspClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RtspClient(url, socket);
  }

  private constructor(url: string, socket: Socket) {
    this.url = url;
    this.socket = socket;
    socket.on('error', () => {
      // 'close' follows, and that is what tests await.
    });
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  /** Sends a request of the session, if there is one, and waits for its response. */
  async request(method: string, headers: Record<string, string> = {}, url = this.url): Promise<Response> {
    this.send(method, headers, url);
    const response = await this.#responses.shift();
    this.#session = response.headers.get('session')?.split(';')[0] ?? this.#session;
    return response;
  }

  /** Sends without waiting for a response. */
  send(method: string, headers: Record<string, string> = {}, url = this.url): void {
    const all = { CSeq: String(++this.#cseq), ...(this.#session ? { Session: this.#session } : {}), ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`${method} ${url} RTSP/1.0\r\n${lines.join('')}\r\n`);
  }

  setup(transport = INTERLEAVED): Promise<Response> {
    return this.request('SETUP', { Transport: transport }, `${this.url}/trackID=0`);
  }

  /** SETUP and PLAY; gives the response to PLAY. */
  async play(): Promise<Response> {
    await this.setup();
    return this.request('PLAY');
  }

  nextRtp(): Promise<RtpPacket> {
    return this.#rtp.shift();
  }

  nextRtcp(): Promise<Buffer> {
    return this.#rtcp.shift();
  }

  /** The packets of the next access unit, to the one with the marker bit. */
  async nextAccessUnit(): Promise<RtpPacket[]> {
    const packets = [await this.nextRtp()];
    while (!packets.at(-1)!.marker) packets.push(await this.nextRtp());
    return packets;
  }

  /** The NAL units of the next access unit of H.264. */
  async nextNals(): Promise<Buffer[]> {
    return h264Nals((await this.nextAccessUnit()).map(({ payload }) => payload));
  }

  close(): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending[0] === 0x24 ? this.#takePacket() : this.#takeResponse());
  }

  #takePacket(): boolean {
    if (this.#pending.length < 4) return false;
    const end = 4 + this.#pending.readUInt16BE(2);
    if (this.#pending.length < end) return false;
    const channel = this.#pending.readUInt8(1);
    const bytes = this.#pending.subarray(4, end);
    this.#pending = this.#pending.subarray(end);
    if (channel % 2 === 0) this.#rtp.push(parseRtp(bytes, channel));
    else this.#rtcp.push(bytes);
    return true;
  }

  #takeResponse(): boolean {
    const headEnd = this.#pending.indexOf('\r\n\r\n');
    if (headEnd === -1) return false;
    const [statusLine = '', ...lines] = this.#pending.toString('utf8', 0, headEnd).split('\r\n');
    const headers = new Map(
      lines.map((line) => [line.split(':', 1)[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#pending.length < end) return false;
    const body = this.#pending.toString('utf8', headEnd + 4, end);
    this.#pending = this.#pending.subarray(end);
    this.#responses.push({ status: Number(statusLine.split(' ')[1]), headers, body });
    return true;
  }
}

/** RFC 2326 12.33: what the answer to PLAY says of the first packet. */
export function rtpInfoOf(play: Response): { url: string; sequence: number; timestamp: number } {
  const header = play.headers.get('rtp-info') ?? '';
  const [, url, sequence, timestamp] = /^url=(\S+);seq=(\d+);rtptime=(\d+)$/.exec(header) ?? [];
  if (url === undefined) throw new Error(`Expected RTP-Info of one track but received '${header}'`);
  return { url, sequence: Number(sequence), timestamp: Number(timestamp) };
}

export function parseRtp(bytes: Buffer, channel: number): RtpPacket {
  return {
    channel,
    marker: (bytes.readUInt8(1) & 0x80) !== 0,
    payloadType: bytes.readUInt8(1) & 0x7f,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(12),
  };
}

/** Items that came, or consumers that wait for them. */
class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  push(item: T): void {
    const consumer = this.#waiting.shift();
    if (consumer) consumer(item);
    else this.#items.push(item);
  }

  shift(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift()!);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
