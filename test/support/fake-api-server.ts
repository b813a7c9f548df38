import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import sharp from 'sharp';
import { FakeViewers } from './fake-viewers.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const PICTURES_PER_LOOP = 10;

// What the page must be able to live under: nothing inline, nothing from elsewhere.
const CONTENT_SECURITY_POLICY = "default-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'";

export interface FakeCamera {
  readonly id: string;
  name: string;
  state: {
    name: string;
    since: string;
    downSince?: string;
    cause?: { code: string; message: string };
    retryAt?: string;
    attempt?: number;
  };
  [fact: string]: unknown;
}

/**
 * The server's API with cameras that are only said to be: for the page in states that no real camera can be brought
 * into at will. Serves the page itself from `webRoot`.
 */
export class FakeApiServer {
  cameras: FakeCamera[] = [];
  readonly viewers: FakeViewers;
  readonly #webRoot: string;
  readonly #server: Server;

  private constructor(webRoot: string, pictures: readonly Buffer[]) {
    this.#webRoot = webRoot;
    this.viewers = new FakeViewers(() => this.cameras, pictures);
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      if (request.url === '/stream') this.viewers.accept(request, socket, head);
      else socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    });
  }

  static async listen(webRoot: string, port = 0): Promise<FakeApiServer> {
    const pictures = await Promise.all(Array.from({ length: PICTURES_PER_LOOP }, (_, at) => drawPicture(at)));
    const fake = new FakeApiServer(webRoot, pictures);
    fake.#server.listen(port, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.viewers.drop();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(url, this.origin).pathname;
    if (path === '/cameras') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ cameras: this.cameras }));
      return;
    }
    if (path === '/session') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ name: 'anonymous', role: 'viewer' }));
      return;
    }
    const file = join(this.#webRoot, normalize(path === '/' ? '/index.html' : path));
    try {
      const content = await readFile(file);
      response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
      if (path.startsWith('/viewer/')) response.setHeader('access-control-allow-origin', '*');
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}

/** A live 1080p camera; `facts` says what is different about this one. */
export function fakeCamera(id: string, facts: Partial<FakeCamera> = {}): FakeCamera {
  return {
    id,
    name: id,
    url: `rtsp://***@192.0.2.7/${id}`,
    state: { name: 'live', since: new Date(Date.now() - 3_725_000).toISOString() },
    codec: 'h264',
    width: 1920,
    height: 1080,
    fps: 25,
    bitrateKbps: 3120,
    engine: { name: 'cpu', reason: 'No NVIDIA driver on this machine' },
    decode: { mode: 'on-demand', running: true },
    ring: { accessUnits: 41, bytes: 612_000, overflowed: false },
    ages: { accessUnitMs: 18, keyframeMs: 1640, frameMs: 22 },
    viewers: 1,
    keyframeIntervalMs: 2000,
    counters: {
      sessions: 3,
      endings: { ERR_STREAM_STALLED: 2 },
      accessUnits: 93_125,
      keyframes: 1863,
      bytes: 1_452_750_000,
      decodedFrames: 4210,
      losses: 2,
    },
    ...facts,
  };
}

/** A dot that goes round, so that each picture of the loop differs from the one before. */
function drawPicture(at: number): Promise<Buffer> {
  const angle = (at / PICTURES_PER_LOOP) * 2 * Math.PI;
  const dot = `cx="${320 + 90 * Math.cos(angle)}" cy="${180 + 90 * Math.sin(angle)}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#7fa9c9"/><stop offset="1" stop-color="#e8d9b8"/></linearGradient></defs>
    <rect width="640" height="360" fill="url(#sky)"/><path d="M0 360V250l150-70 130 60 160-110 200 120v110z" fill="#4d6b5a"/>
    <circle ${dot} r="26" fill="#fff3c4"/></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer();
}
