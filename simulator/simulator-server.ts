import { once } from 'node:events';
import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net';
import { DEFAULT_BEHAVIOUR, type CameraBehaviour } from './behaviour.js';
import type { Clip } from './clip/clip.js';
import { Mount } from './mount.js';
import { Pacer } from './pacer.js';
import { UdpPorts } from './rtp/udp-ports.js';
import { RtspConnection } from './rtsp/rtsp-connection.js';

export interface MountOptions extends Partial<CameraBehaviour> {
  /** How far into its clip the camera begins, so that many cameras need not send their keyframes at once. */
  readonly phaseMs?: number;
}

/** An RTSP server (RFC 2326) whose mounts are simulated cameras. */
export class SimulatorServer {
  readonly #server: Server;
  readonly #udpPorts: UdpPorts;
  readonly #address: { readonly host: string; readonly port: number };
  readonly #origin: string;
  readonly #pacer = new Pacer();
  readonly #mounts = new Map<string, Mount>();
  readonly #connections = new Set<RtspConnection>();

  /** Port 0 takes a free one. Rejects when the port cannot be had. */
  static async listen({ host, port }: { host: string; port: number }): Promise<SimulatorServer> {
    const server = createServer();
    server.listen(port, host);
    await once(server, 'listening');
    try {
      return new SimulatorServer(server, await UdpPorts.open(host), host);
    } catch (error) {
      server.close();
      throw error;
    }
  }

  private constructor(server: Server, udpPorts: UdpPorts, host: string) {
    this.#server = server;
    this.#udpPorts = udpPorts;
    const { port } = server.address() as AddressInfo;
    this.#address = { host, port };
    this.#origin = `rtsp://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    server.on('connection', (socket) => this.#accept(socket));
    udpPorts.onRtcp((address, rtcpPort) => {
      for (const connection of this.#connections) connection.receiveRtcp(address, rtcpPort);
    });
  }

  /**
   * Adds a camera at a path such as `/cam1`. Throws an Error when the path is taken or no path, or when RTP cannot
   * carry the clip.
   */
  addMount(path: string, clip: Clip, { phaseMs = 0, ...behaviour }: MountOptions = {}): Mount {
    if (!/^(\/[\w.-]+)+$/.test(path)) throw new Error(`Expected a path such as /cam1 but received '${path}'`);
    if (this.#mounts.has(path)) throw new Error(`Expected a new path but '${path}' has a camera`);
    const mount = new Mount(this.#origin + path, clip, { ...DEFAULT_BEHAVIOUR, ...behaviour }, phaseMs, this.#pacer);
    this.#mounts.set(path, mount);
    return mount;
  }

  /** Resets every connection, and refuses new ones until `powerOn()`. */
  async powerOff(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.close();
    await closed;
  }

  /** Listens again, on the same port. */
  async powerOn(): Promise<void> {
    if (this.#server.listening) return;
    const listening = once(this.#server, 'listening');
    this.#server.listen(this.#address.port, this.#address.host);
    await listening;
  }

  /** Closes every connection and gives the ports back. */
  async close(): Promise<void> {
    await this.powerOff();
    this.#udpPorts.close();
  }

  #accept(socket: Socket): void {
    const connection = new RtspConnection(socket, {
      udpPorts: this.#udpPorts,
      findMount: (path) => this.#mounts.get(path),
    });
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }
}
