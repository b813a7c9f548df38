import { StreamDecoderFactory } from '../../index.js';
import type { Clip } from '../../simulator/clip/clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer, type MountOptions } from '../../simulator/simulator-server.js';
import { Cleanup } from '../support/cleanup.js';
import { NumberedSource } from './numbered-source.js';
import { WatchedCamera, type WatchOptions } from './watched-camera.js';

/** What the tests of one file share. Each test has a camera of its own, so that they run side by side. */
export class FaultSuite {
  readonly source: NumberedSource;
  readonly simulator: SimulatorServer;
  readonly #cleanup: Cleanup;
  #mounts = 0;

  private constructor(source: NumberedSource, simulator: SimulatorServer, cleanup: Cleanup) {
    this.source = source;
    this.simulator = simulator;
    this.#cleanup = cleanup;
  }

  static async start(): Promise<FaultSuite> {
    const cleanup = new Cleanup();
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const source = await NumberedSource.load();
    cleanup.add(StreamDecoderFactory, (factory) => factory.getInstance(0).close());
    return new FaultSuite(source, simulator, cleanup);
  }

  async end(): Promise<void> {
    await this.#cleanup.run();
  }

  mount(options: MountOptions = {}, clip: Clip = this.source.clip): Mount {
    return this.simulator.addMount(`/camera-${++this.#mounts}`, clip, options);
  }

  /** Another server, which ends with the suite; on another address of the loopback network where `host` says so. */
  async listen(host = '127.0.0.1'): Promise<SimulatorServer> {
    return this.#cleanup.add(await SimulatorServer.listen({ host, port: 0 }), (it) => it.close());
  }

  /** Runs `scenario` with the product at `mount`, and ends it whatever happens. */
  async watch(
    { url }: { url: string },
    options: WatchOptions & { readonly shows?: NumberedSource | 'nothing' },
    scenario: (camera: WatchedCamera) => Promise<void>,
  ): Promise<void> {
    const { shows = this.source, ...watchOptions } = options;
    const camera = new WatchedCamera(url, shows === 'nothing' ? undefined : shows, watchOptions);
    try {
      await scenario(camera);
    } finally {
      await camera.stop();
    }
  }
}
