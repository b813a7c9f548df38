import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { pictureHeader } from './picture-header.js';
import type { TurnPicture } from './picture-turns.js';
import { CHANNEL_MESSAGES, PLAIN_MESSAGES, type ServerMessage, type ViewerMessageType } from './viewer-messages.js';

/** RFC 6455 7.4.1. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** RFC 6455 5.5: what a control frame has room for, less the close code. */
const LONGEST_REASON = 123;

/** What a viewer may have asked for without reading the answers. Some 1000 of them. */
const MOST_UNREAD_BYTES = 256 * 1024;

/** How a viewer's socket is spoken on. */
export interface ViewerWire {
  /** What the viewer may say. */
  readonly understood: readonly ViewerMessageType[];
  /** Written at once. */
  show(channel: number, picture: TurnPicture): void;
  tell(message: ServerMessage): void;
}

/** The subprotocol framewell.v1. */
export class FramewellWire implements ViewerWire {
  readonly understood = CHANNEL_MESSAGES;
  readonly #socket: WebSocket;
  readonly #connection: Socket | undefined;
  #unreadBytes = 0;

  /** `connection` is what carries the socket; a test may have none. */
  constructor(socket: WebSocket, connection: Socket | undefined) {
    this.#socket = socket;
    this.#connection = connection;
  }

  /** Two frames of one message: nothing is copied to put the header before a JPEG that others are shown too. */
  show(channel: number, { picture, rung, ageMs }: TurnPicture): void {
    this.#connection?.cork();
    this.#socket.send(pictureHeader({ ...picture, channel, rung, ageMs }), { binary: true, fin: false });
    this.#socket.send(picture.jpeg, { binary: true });
    this.#connection?.uncork();
  }

  tell(message: ServerMessage): void {
    const text = JSON.stringify(message);
    this.#unreadBytes += text.length;
    this.#socket.send(text, () => (this.#unreadBytes -= text.length));
    if (this.#unreadBytes > MOST_UNREAD_BYTES) this.#socket.close(POLICY_VIOLATION, 'The answers are not read');
  }
}

/** No subprotocol: each binary message is a JPEG, and there is no way to say anything. */
export class PlainWire implements ViewerWire {
  readonly understood = PLAIN_MESSAGES;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  show(_channel: number, { picture }: TurnPicture): void {
    this.#socket.send(picture.jpeg, { binary: true });
  }

  tell(message: ServerMessage): void {
    if (message.type === 'ended') this.#socket.close(GOING_AWAY, message.message);
    if (message.type === 'error') this.#socket.close(POLICY_VIOLATION, shortened(message.message));
  }
}

/** By bytes, without cutting a character in two. */
function shortened(reason: string): string {
  return new TextDecoder().decode(Buffer.from(reason).subarray(0, LONGEST_REASON), { stream: true });
}
