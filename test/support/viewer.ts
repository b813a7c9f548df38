import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A WebSocket viewer that keeps every picture that it receives. */
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
  async received(count: number, timeoutMs = 20_000): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (this.pictures.length < count) await once(this.socket, 'message', { signal });
  }

  close(): void {
    this.socket.terminate();
  }
}
