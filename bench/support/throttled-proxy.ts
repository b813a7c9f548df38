import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface ThrottleOptions {
  /** Of what goes to the client. */
  readonly bytesPerSecond: number;
  /** One way, in both directions. */
  readonly delayMs: number;
}

/** What fits into a packet on Ethernet. */
const PACKET_BYTES = 1448;

/**
 * A slow network between a client and a server: packet by packet, each taking the time that its bytes take, and a way
 * that takes time as well. What does not fit waits in the receive buffer of this side, some tens of kB as in a router.
 */
export class ThrottledProxy {
  readonly origin: string;
  readonly #listener: Server;
  readonly #sockets: Set<Socket>;

  private constructor(listener: Server, sockets: Set<Socket>) {
    this.#listener = listener;
    this.#sockets = sockets;
    this.origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  }

  /** In front of the server at `origin`. */
  static async listen(origin: string, options: ThrottleOptions): Promise<ThrottledProxy> {
    const { hostname, port } = new URL(origin);
    const sockets = new Set<Socket>();
    const listener = createServer({ noDelay: true }, (client) => {
      const server = throttled(client, { host: hostname, port: Number(port) }, options);
      client.on('data', (chunk) => setTimeout(() => server.write(chunk), options.delayMs));
      for (const [socket, other] of [
        [client, server],
        [server, client],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
      }
    });
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    return new ThrottledProxy(listener, sockets);
  }

  async close(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** A connection to the server from which no more is read than the client's link carries. */
function throttled(client: Socket, to: { host: string; port: number }, options: ThrottleOptions): Socket {
  const { bytesPerSecond, delayMs } = options;
  let carriedAtMs = 0;
  /** Timers of nearly the same time go off in any order; packets keep theirs. */
  const carried: Buffer[] = [];
  const server: Socket = connect({
    ...to,
    noDelay: true,
    onread: {
      buffer: Buffer.alloc(PACKET_BYTES),
      callback: (length, buffer) => {
        carried.push(Buffer.from(buffer.subarray(0, length)));
        const nowMs = performance.now();
        carriedAtMs = Math.max(carriedAtMs, nowMs) + (length * 1000) / bytesPerSecond;
        const waitMs = carriedAtMs - nowMs;
        setTimeout(() => client.write(carried.shift()!), waitMs + delayMs);
        // A timer is late by up to a millisecond, which on a fast link is many packets.
        if (waitMs < 1) return true;
        setTimeout(() => server.resume(), waitMs);
        return false;
      },
    },
  });
  return server;
}
