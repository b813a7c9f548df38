import type { WebSocket } from 'ws';
import { causeOf, FramewellError, ParameterError } from '../errors.js';
import type { LiveLimits } from '../jpeg/rungs.js';
import type { Cause } from '../stream/decode-backend.js';
import { PictureTurns } from './picture-turns.js';
import type { SeenCameras } from './served-cameras.js';
import { systemTurnClock } from './turn-clock.js';
import { ViewerChannel } from './viewer-channel.js';
import { LAST_CHANNEL, readViewerMessage, SUBPROTOCOL, ViewerMessageError } from './viewer-messages.js';
import type { ViewerMessage } from './viewer-messages.js';
import type { ViewerWire } from './viewer-wire.js';

/** A viewer that confirmed nothing for one to two of these is gone. */
const HEARTBEAT_MS = 15_000;

export const MOST_CHANNELS = 256;

/** Messages that a viewer may send in a moment, and lastingly in a second: each may cost another seat in a feed. */
const MOST_MESSAGES_AT_ONCE = 2000;
const MOST_MESSAGES_A_SECOND = 200;

/** RFC 6455 7.4.1. */
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;

/** A camera that a viewer wants. */
export interface Wanted {
  readonly camera: string;
  readonly limits: LiveLimits;
}

export interface ViewerOptions {
  readonly cameras: SeenCameras;
  /** Of pictures when none is asked for. */
  readonly quality: number;
  /** The first channels. */
  readonly wanted: readonly Wanted[];
  /** A picture was sent, in place of so many that were not. */
  readonly onSent: (dropped: number) => void;
}

/** One WebSocket on which cameras are watched: what the viewer says, and what it is told and shown. */
export class WebSocketViewer {
  readonly #socket: WebSocket;
  readonly #wire: ViewerWire;
  readonly #cameras: SeenCameras;
  readonly #quality: number;
  readonly #onSent: ViewerOptions['onSent'];
  readonly #turns: PictureTurns<ViewerChannel>;
  readonly #channels = new Map<number, ViewerChannel>();
  #lastChannel = 0;
  #isAlive = true;
  #messagesLeft = MOST_MESSAGES_AT_ONCE;
  #messagesCountedAtMs = 0;

  /** @throws FramewellError ERR_CAMERA_NOT_FOUND */
  constructor(socket: WebSocket, wire: ViewerWire, { cameras, quality, wanted, onSent }: ViewerOptions) {
    this.#socket = socket;
    this.#wire = wire;
    this.#cameras = cameras;
    this.#quality = quality;
    this.#onSent = onSent;
    this.#turns = new PictureTurns(
      socket,
      {
        write: (channel, picture) => wire.show(channel.number, picture),
        onRung: (news) => wire.tell({ type: 'link', ...news }),
      },
      systemTurnClock,
    );
    const channels = wanted.map((camera) => this.#open(camera));
    wire.tell({ type: 'hello', protocol: SUBPROTOCOL, cameras: channels.map((channel) => channel.describe()) });
    for (const channel of channels) this.#turns.add(channel);

    const heartbeat = setInterval(() => this.#checkAlive(), HEARTBEAT_MS);
    socket.on('pong', (data) => {
      this.#isAlive = true;
      this.#turns.onPong(data.toString());
    });
    socket.on('message', (data: Buffer, isBinary) => this.#onMessage(data, isBinary));
    socket.on('close', () => {
      clearInterval(heartbeat);
      this.#turns.close();
      for (const channel of this.#channels.values()) channel.close();
    });
  }

  /** How far pictures are reduced for its link. */
  get rung(): number {
    return this.#turns.rung;
  }

  #checkAlive(): void {
    if (!this.#isAlive) this.#socket.terminate();
    this.#isAlive = false;
    this.#turns.beat();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    // After a close frame of ours, what was on its way still comes.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (isBinary) this.#socket.close(UNSUPPORTED_DATA, 'Expected a text message');
    else if (!this.#countMessage()) this.#socket.close(POLICY_VIOLATION, 'Too many messages');
    else this.#obey(data.toString());
  }

  #countMessage(): boolean {
    const nowMs = systemTurnClock.now();
    const earned = ((nowMs - this.#messagesCountedAtMs) * MOST_MESSAGES_A_SECOND) / 1000;
    this.#messagesLeft = Math.min(this.#messagesLeft + earned, MOST_MESSAGES_AT_ONCE) - 1;
    this.#messagesCountedAtMs = nowMs;
    return this.#messagesLeft >= 0;
  }

  #obey(text: string): void {
    let camera: string | undefined;
    try {
      const message = readViewerMessage(text, this.#wire.understood);
      if (message.type === 'subscribe') camera = message.camera;
      this.#act(message);
    } catch (error) {
      if (!(error instanceof FramewellError)) throw error;
      if (error instanceof ViewerMessageError) camera = error.camera;
      this.#wire.tell({ type: 'error', ...causeOf(error), ...(camera !== undefined && { camera }) });
    }
  }

  #act(message: ViewerMessage): void {
    switch (message.type) {
      case 'subscribe': {
        const channel = this.#open(message);
        this.#wire.tell({ type: 'camera', ...channel.describe() });
        this.#turns.add(channel);
        return;
      }
      case 'unsubscribe':
        this.#close(this.#channel(message.channel));
        return;
      case 'limit':
        for (const channel of this.#named(message)) channel.limit(message.limits);
        return;
      case 'pause':
        for (const channel of this.#named(message)) channel.pause();
        return;
      case 'resume':
        for (const channel of this.#named(message)) channel.resume();
    }
  }

  /** @throws FramewellError ERR_CAMERA_NOT_FOUND, ERR_TOO_MANY_REQUESTS */
  #open({ camera, limits }: Wanted): ViewerChannel {
    const served = this.#cameras.get(camera);
    if (this.#channels.size === MOST_CHANNELS || this.#lastChannel === LAST_CHANNEL) {
      const most = `${MOST_CHANNELS} channels at a time and ${LAST_CHANNEL} in all`;
      throw new FramewellError('ERR_TOO_MANY_REQUESTS', `Expected at most ${most} on one socket`);
    }
    const listener = {
      onTurn: () => this.#turns.run(),
      onChange: (changed: ViewerChannel) => this.#wire.tell({ type: 'camera', ...changed.describe() }),
      onSent: this.#onSent,
      onEnd: (ended: ViewerChannel) => this.#end(ended, camera),
    };
    const options = { served, limits, quality: this.#quality };
    const channel = new ViewerChannel(++this.#lastChannel, options, listener, systemTurnClock);
    this.#channels.set(channel.number, channel);
    return channel;
  }

  #close(channel: ViewerChannel): void {
    this.#channels.delete(channel.number);
    channel.close();
    this.#turns.remove(channel);
  }

  #end(channel: ViewerChannel, id: string): void {
    this.#close(channel);
    this.#wire.tell({ type: 'ended', channel: channel.number, id, ...this.#whyEnded(id) });
  }

  #whyEnded(id: string): Cause {
    try {
      this.#cameras.get(id);
      return { code: 'ERR_STREAM_STOPPED', message: "The camera's settings were changed" };
    } catch (error) {
      return { ...causeOf(error), message: 'The camera was taken out' };
    }
  }

  /** Those that the message is about. */
  #named({ channel }: { readonly channel?: number }): ViewerChannel[] {
    return channel === undefined ? [...this.#channels.values()] : [this.#channel(channel)];
  }

  #channel(number: number): ViewerChannel {
    const channel = this.#channels.get(number);
    if (channel === undefined) throw new ParameterError('channel', 'one that is open', String(number));
    return channel;
  }
}
