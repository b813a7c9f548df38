import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A TCP connection on which a test says what no HTTP client would. Keeps what comes. */
export class RawConnection {
  readonly socket: Socket;
  /** Resolves when the connection is gone, whoever ended it and however. */
  readonly closed: Promise<void>;
  readonly #received: Buffer[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    // A reset is one way to be refused.
    socket.on('error', () => undefined);
    socket.on('data', (data) => this.#received.push(data));
  }

  static async open(port: number, bytes: string | Buffer = ''): Promise<RawConnection> {
    const connection = new RawConnection(connect(port, '127.0.0.1'));
    await once(connection.socket, 'connect');
    connection.send(bytes);
    return connection;
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** Of all answers, in their order. */
  get statuses(): number[] {
    const heads = this.received.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g);
    return [...heads].map(([, status]) => Number(status));
  }

  /** Resolves with the first status, or with 'closed' where none comes; rejects after `timeoutMs`. */
  async answer(timeoutMs?: number): Promise<number | 'closed'> {
    await this.until(() => this.statuses.length > 0, timeoutMs);
    return this.statuses[0] ?? 'closed';
  }

  /** Resolves when what has come is enough, or nothing more will; rejects after `timeoutMs`. */
  async until(isEnough: () => boolean, timeoutMs = 5000): Promise<void> {
    const enough = new Promise<void>((resolve) => {
      const look = () => {
        if (isEnough()) resolve();
      };
      this.socket.on('data', look);
      look();
    });
    await this.#within(timeoutMs, Promise.race([enough, this.closed]));
  }

  /** Resolves when the other side has ended it; rejects after `timeoutMs`. */
  untilClosed(timeoutMs = 5000): Promise<void> {
    return this.#within(timeoutMs, this.closed);
  }

  async #within(timeoutMs: number, promise: Promise<void>): Promise<void> {
    const timer = new AbortController();
    const late = delay(timeoutMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`Expected an end within ${timeoutMs} ms but received ${this.received.toString('latin1')}`);
    });
    try {
      await Promise.race([promise, late]);
    } finally {
      timer.abort();
      await late.catch(() => undefined);
    }
  }

  close(): void {
    this.socket.destroy();
  }
}
