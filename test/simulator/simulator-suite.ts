import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer, type MountOptions } from '../../simulator/simulator-server.js';
import { RtspClient } from './rtsp-client.js';
import { syntheticClip } from './synthetic-clip.js';

/** 120 ms that are over and over, a keyframe every 40. */
export const CLIP = syntheticClip({ accessUnits: 12, gop: 4, fps: 100 });

/** A server with a camera for each test, and the clients that talk to it. */
export class SimulatorSuite {
  readonly #server: SimulatorServer;
  readonly #clients: RtspClient[] = [];
  #mounts = 0;

  private constructor(server: SimulatorServer) {
    this.#server = server;
  }

  static async start(): Promise<SimulatorSuite> {
    return new SimulatorSuite(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }));
  }

  addMount(options: MountOptions = {}, clip = CLIP): Mount {
    return this.#server.addMount(`/cam${++this.#mounts}`, clip, options);
  }

  async connect({ url }: { url: string }): Promise<RtspClient> {
    const client = await RtspClient.connect(url);
    this.#clients.push(client);
    return client;
  }

  closeClients(): void {
    for (const client of this.#clients.splice(0)) client.close();
  }

  async end(): Promise<void> {
    this.closeClients();
    await this.#server.close();
  }
}
