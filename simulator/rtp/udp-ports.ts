import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

const ATTEMPTS = 50;

/** The server's pair of UDP ports, shared by all sessions: RTP on an even port, RTCP on the next (RFC 3550 11). */
export class UdpPorts {
  readonly #rtp: Socket;
  readonly #rtcp: Socket;

  /** Binds a free pair. Rejects when there is none. */
  static async open(host: string): Promise<UdpPorts> {
    let cause: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const rtp = await bind(host, 0);
      const { port } = rtp.address();
      if (port % 2 === 0) {
        try {
          return new UdpPorts(rtp, await bind(host, port + 1));
        } catch (error) {
          cause = error;
        }
      }
      rtp.close();
    }
    throw new Error(`Expected a free pair of UDP ports on ${host} but found none in ${ATTEMPTS} attempts`, { cause });
  }

  private constructor(rtp: Socket, rtcp: Socket) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    for (const socket of [rtp, rtcp]) {
      socket.on('error', () => {
        // Datagrams to a client that went away come back as ICMP errors; its RTSP connection tells the same.
      });
    }
  }

  get rtpPort(): number {
    return this.#rtp.address().port;
  }

  get rtcpPort(): number {
    return this.#rtcp.address().port;
  }

  sendRtp(packet: Buffer, port: number, address: string): void {
    this.#rtp.send(packet, port, address);
  }

  sendRtcp(packet: Buffer, port: number, address: string): void {
    this.#rtcp.send(packet, port, address);
  }

  /** Calls back for every RTCP packet that comes in, with its sender. */
  onRtcp(received: (address: string, port: number) => void): void {
    this.#rtcp.on('message', (_packet, { address, port }) => received(address, port));
  }

  close(): void {
    this.#rtp.close();
    this.#rtcp.close();
  }
}

async function bind(host: string, port: number): Promise<Socket> {
  // The default lookup costs a tick per datagram, though addresses are numeric here.
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    lookup: (address, _options, callback) => callback(null, address, family),
  });
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, host);
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
