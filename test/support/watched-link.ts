import { EventEmitter, once } from 'node:events';
import type { WebSocket } from 'playwright-core';

/** One of a page's sockets, looked at from outside: which cameras it carries, and how many pictures came. */
export class WatchedLink {
  /** Binary messages so far. */
  pictures = 0;
  readonly #asked: string[] = [];
  readonly #channels = new Map<number, string>();
  readonly #news = new EventEmitter();
  #newestChannel = 0;

  constructor(socket: WebSocket) {
    socket.on('framesent', ({ payload }) => this.#onSent(JSON.parse(payload.toString()) as Record<string, unknown>));
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload === 'string') this.#onNews(JSON.parse(payload) as Record<string, unknown>);
      else this.pictures += 1;
    });
  }

  /** Ids of the cameras that are subscribed to. */
  get streams(): string[] {
    return [...this.#channels.values(), ...this.#asked];
  }

  /** Resolves when the server says the next message of this type. */
  async untilNews(type: string, timeoutMs = 5000): Promise<void> {
    await once(this.#news, `said ${type}`, { signal: AbortSignal.timeout(timeoutMs) });
  }

  #onSent(message: Record<string, unknown>): void {
    if (message.type === 'subscribe') this.#asked.push(message.camera as string);
    if (message.type === 'unsubscribe') this.#channels.delete(message.channel as number);
  }

  #onNews({ type, channel, id }: Record<string, unknown>): void {
    // News of a channel may come after it was given up; a channel is never given out twice.
    if (type === 'camera' && (channel as number) > this.#newestChannel) {
      this.#newestChannel = channel as number;
      this.#asked.splice(this.#asked.indexOf(id as string), 1);
      this.#channels.set(channel as number, id as string);
    }
    if (type === 'ended') this.#channels.delete(channel as number);
    this.#news.emit(`said ${type as string}`);
  }
}
