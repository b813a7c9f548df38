import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { ALLOWANCE } from './allowance.js';

/** A WebSocket viewer without a subprotocol, which keeps every picture that it receives. */
export class Viewer {
  readonly socket: WebSocket;
  readonly pictures: Buffer[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) throw new Error(`Expected a binary message but received ${data.toString()}`);
      this.pictures.push(data);
    });
  }

  static async open(origin: string, id: string, query = ''): Promise<Viewer> {
    const viewer = new Viewer(new WebSocket(`${origin.replace('http', 'ws')}/cameras/${id}/stream${query}`));
    await once(viewer.socket, 'open');
    return viewer;
  }

  /** Resolves when this many pictures have come since the start. */
  async received(count: number, timeoutMs = 20_000 * ALLOWANCE): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (this.pictures.length < count) await once(this.socket, 'message', { signal });
  }

  close(): void {
    this.socket.terminate();
  }
}

/** A text message of the server; docs/viewer-protocol.md has the members. */
export interface Told {
  readonly type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is in it is what tests assert
  readonly [member: string]: any;
}

/** A binary message, taken apart as docs/viewer-protocol.md has it. */
export interface Shown {
  readonly version: number;
  readonly rung: number;
  readonly channel: number;
  readonly ageMs: number;
  readonly sequence: number;
  readonly receivedAtMs: number;
  readonly capturedAtMs: number;
  readonly jpeg: Buffer;
  /** By performance.now(). */
  readonly arrivedAtMs: number;
}

const TIMEOUT_MS = 10_000 * ALLOWANCE;

/** A viewer that speaks framewell.v1, and keeps everything that it is told and shown. */
export class FramewellViewer {
  readonly socket: WebSocket;
  readonly told: Told[] = [];
  readonly shown: Shown[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.shown.push(readPicture(data));
      else this.told.push(JSON.parse(data.toString()) as Told);
    });
  }

  /** Resolves when the server has said hello. */
  static async open(origin: string, path: string, options: ClientOptions = {}): Promise<FramewellViewer> {
    const url = origin.replace('http', 'ws') + path;
    const viewer = new FramewellViewer(new WebSocket(url, 'framewell.v1', options));
    await viewer.untilTold(({ type }) => type === 'hello');
    return viewer;
  }

  get hello(): Told {
    return this.told[0]!;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The first message, of those before and those to come, that is meant. */
  untilTold(isMeant: (message: Told) => boolean, timeoutMs = TIMEOUT_MS): Promise<Told> {
    return this.#until(() => this.told.find(isMeant), timeoutMs);
  }

  untilShown(isMeant: (picture: Shown) => boolean, timeoutMs = TIMEOUT_MS): Promise<Shown> {
    return this.#until(() => this.shown.find(isMeant), timeoutMs);
  }

  /** Says a `subscribe`, and resolves with its answer: an error, or the first word of a new channel. */
  async ask(message: object): Promise<Told> {
    const before = this.told.length;
    const channels = new Set(this.told.flatMap(({ channel, cameras = [] }) => [channel, ...cameras.map(channelOf)]));
    const isAnswer = ({ type, channel }: Told): boolean =>
      type === 'error' || (type === 'camera' && !channels.has(channel));
    this.say(message);
    return this.#until(() => this.told.slice(before).find(isAnswer), TIMEOUT_MS);
  }

  close(): void {
    this.socket.terminate();
  }

  async #until<T>(find: () => T | undefined, timeoutMs: number): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await once(this.socket, 'message', { signal });
    }
  }
}

function readPicture(message: Buffer): Shown {
  return {
    version: message.readUInt8(0),
    rung: message.readUInt8(1),
    channel: message.readUInt16LE(2),
    ageMs: message.readUInt32LE(4),
    sequence: Number(message.readBigUInt64LE(8)),
    receivedAtMs: Number(message.readBigUInt64LE(16)),
    capturedAtMs: Number(message.readBigUInt64LE(24)),
    jpeg: message.subarray(32),
    arrivedAtMs: performance.now(),
  };
}

function channelOf({ channel }: { readonly channel: number }): number {
  return channel;
}
