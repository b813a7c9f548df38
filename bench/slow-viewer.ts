import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { proportionalSetKiB } from './support/process-usage.js';
import { startServer, startSimulator } from './support/programs.js';
import { ThrottledProxy } from './support/throttled-proxy.js';

const SLOW_LINK = { bytesPerSecond: 300_000 / 8, delayMs: 20 };
/** Of how old the picture on the screen is. */
const SAMPLE_MS = 20;
/** How long the viewers watch before anything counts: the server and its decoder become warm. */
const SETTLE_MS = 5000;

/** Where the header of framewell.v1 has these; docs/viewer-protocol.md. */
const RUNG_OFFSET = 1;
const RECEIVED_AT_OFFSET = 16;

export interface ViewerResult {
  /** Pictures a second. */
  readonly fps: number;
  /** Of each picture when it arrived. */
  readonly ageMs: readonly number[];
  /** Of the newest picture that had arrived, at every moment. */
  readonly ageOnScreenMs: readonly number[];
  readonly kBytesPerPicture: number;
  /** How far pictures were reduced at the end. */
  readonly rung: number;
}

export interface SlowViewerResult {
  /** Of the fast viewer while it is alone. */
  readonly alone: ViewerResult;
  readonly fast: ViewerResult;
  readonly slow: ViewerResult;
  /** Of the server while both watch: when that begins to count, when it ends, and most. */
  readonly memoryKiB: { readonly begin: number; readonly end: number; readonly most: number };
}

/** A viewer on a link of 300 kbit/s beside one on this machine, against the latter alone: what it sees, and who pays. */
export async function measureSlowViewer(clip: string, seconds: number): Promise<SlowViewerResult> {
  const simulator = await startSimulator(clip, 1);
  const server = await startServer(simulator.urls);
  const proxy = await ThrottledProxy.listen(server.address, SLOW_LINK);
  try {
    const fast = await MeasuredViewer.open(server.address);
    await delay(SETTLE_MS);
    const alone = await fast.measure(seconds);
    const slow = await MeasuredViewer.open(proxy.origin);
    await delay(SETTLE_MS);
    const memory: number[] = [];
    const sampler = setInterval(() => memory.push(proportionalSetKiB(server.pid)), 1000);
    memory.push(proportionalSetKiB(server.pid));
    const [fastBeside, slowBeside] = await Promise.all([fast.measure(seconds), slow.measure(seconds)]);
    clearInterval(sampler);
    for (const viewer of [fast, slow]) viewer.close();
    const memoryKiB = { begin: memory[0]!, end: memory.at(-1)!, most: Math.max(...memory) };
    return { alone, fast: fastBeside, slow: slowBeside, memoryKiB };
  } finally {
    await proxy.close();
    await server.stop();
    await simulator.stop();
  }
}

/** Keeps figures of pictures, not the pictures. */
class MeasuredViewer {
  readonly #socket: WebSocket;
  #ageMs: number[] = [];
  #ageOnScreenMs: number[] = [];
  #bytes = 0;
  #rung = 0;
  #newestReceivedAtMs: number | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#onPicture(data);
    });
  }

  static async open(origin: string): Promise<MeasuredViewer> {
    const url = `${origin.replace('http', 'ws')}/cameras/camera-1/stream`;
    const viewer = new MeasuredViewer(new WebSocket(url, 'framewell.v1'));
    await once(viewer.#socket, 'open');
    return viewer;
  }

  async measure(seconds: number): Promise<ViewerResult> {
    this.#ageMs = [];
    this.#ageOnScreenMs = [];
    this.#bytes = 0;
    const sampler = setInterval(() => {
      if (this.#newestReceivedAtMs !== undefined) this.#ageOnScreenMs.push(Date.now() - this.#newestReceivedAtMs);
    }, SAMPLE_MS);
    const startMs = performance.now();
    await delay(seconds * 1000);
    clearInterval(sampler);
    return {
      fps: (this.#ageMs.length * 1000) / (performance.now() - startMs),
      ageMs: this.#ageMs,
      ageOnScreenMs: this.#ageOnScreenMs,
      kBytesPerPicture: this.#bytes / 1000 / this.#ageMs.length,
      rung: this.#rung,
    };
  }

  close(): void {
    this.#socket.terminate();
  }

  #onPicture(message: Buffer): void {
    this.#newestReceivedAtMs = Number(message.readBigUInt64LE(RECEIVED_AT_OFFSET));
    this.#rung = message.readUInt8(RUNG_OFFSET);
    this.#ageMs.push(Date.now() - this.#newestReceivedAtMs);
    this.#bytes += message.length;
  }
}
