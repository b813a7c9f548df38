import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { importWebModule } from './web-modules.js';

interface Cause {
  readonly code: string;
  readonly message: string;
}

export interface Subscription {
  limits: object;
  paused: boolean;
  readonly camera: { readonly channel: number } | null;
  readonly cause: Cause | null;
  close(): void;
}

interface Listener {
  onPicture(picture: { sequence: number }): void;
  onChange(): void;
}

export interface ViewerLink {
  paused: boolean;
  readonly info: { readonly rung: number };
  subscribe(cameraId: string, limits: object, listener: Listener): Subscription;
  retry(): void;
}

export const { ViewerLink: Link } = await importWebModule<{
  ViewerLink: new (server: string, open: (url: string) => FakeSocket) => ViewerLink;
}>('viewer/viewer-link.js');

const CONNECTING = 0;
export const OPEN = 1;
export const CLOSED = 3;

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  readyState = CONNECTING;
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  /** What was sent and not yet taken. */
  readonly sent: unknown[] = [];
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    assert.equal(this.readyState, OPEN);
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = CLOSED;
  }

  open(): void {
    this.readyState = OPEN;
    this.onopen?.();
  }

  drop(): void {
    this.readyState = CLOSED;
    this.onclose?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  show(channel: number, sequence: number): void {
    const message = Buffer.alloc(36);
    message.writeUInt8(1, 0);
    message.writeUInt16LE(channel, 2);
    message.writeBigUInt64LE(BigInt(sequence), 8);
    this.onmessage?.({ data: new Uint8Array(message).buffer });
  }

  take(): unknown[] {
    return this.sent.splice(0);
  }
}

/** A link of the viewer's module to a server that the test plays. Timers run when the test moves them. */
export class ViewerLinkScene {
  readonly sockets: FakeSocket[] = [];
  /** `<camera> <sequence>` of each that was shown. */
  readonly pictures: string[] = [];
  readonly link: ViewerLink;

  constructor() {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    this.link = new Link('http://house.test', (url) => {
      const socket = new FakeSocket(url);
      this.sockets.push(socket);
      return socket;
    });
  }

  end(): void {
    mock.timers.reset();
    mock.restoreAll();
  }

  subscribe(id: string, limits: object = { width: 320 }): Subscription {
    const onPicture = ({ sequence }: { sequence: number }) => this.pictures.push(`${id} ${sequence}`);
    return this.link.subscribe(id, limits, { onPicture, onChange: () => undefined });
  }

  /** Opens the socket that the link has made last. */
  async opened(): Promise<FakeSocket> {
    await settled();
    const socket = this.sockets.at(-1)!;
    socket.open();
    return socket;
  }
}

/** What was changed is said at the end of the task. */
export async function settled(): Promise<void> {
  await Promise.resolve();
}

/** What the server says of a camera. */
export function camera(channel: number, id: string, state = 'live'): object {
  return { type: 'camera', channel, id, name: id, state, width: 1280, height: 720 };
}
