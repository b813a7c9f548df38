import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { FakeCamera } from './fake-api-server.js';

const HEADER_BYTES = 32;
const PICTURE_INTERVAL_MS = 100;

/** A viewer's text message, as docs/viewer-protocol.md has them. */
export interface ViewerMessage {
  readonly type: 'subscribe' | 'unsubscribe' | 'limit' | 'pause' | 'resume';
  readonly camera?: string;
  readonly channel?: number;
  readonly width?: number;
}

interface Channel {
  readonly number: number;
  readonly cameraId: string;
  isPaused: boolean;
  /** What the viewer was told of the camera last. */
  told: string;
  sequence: number;
}

/** The server's side of framewell.v1, as far as a page needs it, over cameras that are only said to be. */
export class FakeViewers {
  /** Everything that viewers said, in order. */
  readonly messages: ViewerMessage[] = [];
  /** Sends no picture while set, as a server does whose viewers starve. */
  isSilent = false;
  /** How far pictures are said to have been reduced for the link. */
  rung = 0;
  /** How old pictures are said to be when they are sent. */
  pictureAgeMs = 5;
  readonly #server = new WebSocketServer({ noServer: true, handleProtocols: () => 'framewell.v1' });
  readonly #cameras: () => readonly FakeCamera[];
  readonly #pictures: readonly Buffer[];

  constructor(cameras: () => readonly FakeCamera[], pictures: readonly Buffer[]) {
    this.#cameras = cameras;
    this.#pictures = pictures;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (viewer) => this.#serve(viewer));
  }

  /** Ends every viewer's socket, as a network does that goes away. */
  drop(): void {
    for (const viewer of this.#server.clients) viewer.terminate();
  }

  #serve(viewer: WebSocket): void {
    const channels = new Map<number, Channel>();
    let newest = 0;
    viewer.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as ViewerMessage;
      this.messages.push(message);
      if (message.type !== 'subscribe') {
        change(channels, message);
        return;
      }
      const cameraId = message.camera ?? '';
      if (this.#cameras().some(({ id }) => id === cameraId)) {
        newest += 1;
        channels.set(newest, { number: newest, cameraId, isPaused: false, told: '', sequence: 0 });
      } else say(viewer, { type: 'error', code: 'ERR_CAMERA_NOT_FOUND', message: 'No such camera', camera: cameraId });
    });
    const timer = setInterval(() => {
      for (const channel of channels.values()) this.#play(viewer, channel, () => channels.delete(channel.number));
    }, PICTURE_INTERVAL_MS);
    viewer.on('close', () => clearInterval(timer));
    say(viewer, { type: 'hello', protocol: 'framewell.v1', cameras: [] });
  }

  #play(viewer: WebSocket, channel: Channel, end: () => void): void {
    const camera = this.#cameras().find(({ id }) => id === channel.cameraId);
    if (!camera) {
      end();
      const { number, cameraId: id } = channel;
      say(viewer, { type: 'ended', channel: number, id, code: 'ERR_CAMERA_NOT_FOUND', message: 'Taken out' });
      return;
    }
    const { id, name, state, width, height, fps } = camera;
    const news = { channel: channel.number, id, name, state: state.name, cause: state.cause, width, height, fps };
    if (JSON.stringify(news) !== channel.told) say(viewer, { type: 'camera', ...news });
    channel.told = JSON.stringify(news);
    if (state.name === 'live' && !channel.isPaused && !this.isSilent) viewer.send(this.#nextPicture(channel));
  }

  #nextPicture(channel: Channel): Buffer {
    const header = Buffer.alloc(HEADER_BYTES);
    const sequence = channel.sequence++;
    header.writeUInt8(1, 0);
    header.writeUInt8(this.rung, 1);
    header.writeUInt16LE(channel.number, 2);
    header.writeUInt32LE(this.pictureAgeMs, 4);
    header.writeBigUInt64LE(BigInt(sequence), 8);
    header.writeBigUInt64LE(BigInt(Date.now() - this.pictureAgeMs), 16);
    return Buffer.concat([header, this.#pictures[sequence % this.#pictures.length]!]);
  }
}

function change(channels: Map<number, Channel>, { type, channel: number }: ViewerMessage): void {
  const named = number === undefined ? [...channels.values()] : [channels.get(number)].filter((at) => at !== undefined);
  for (const channel of named) {
    if (type === 'unsubscribe') channels.delete(channel.number);
    else if (type !== 'limit') channel.isPaused = type === 'pause';
  }
}

function say(viewer: WebSocket, message: object): void {
  viewer.send(JSON.stringify(message));
}
