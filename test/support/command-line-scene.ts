import { loadClip } from '../../simulator/clip/load-clip.js';
import type { Mount } from '../../simulator/mount.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import type { Cleanup } from './cleanup.js';
import { runFramewell, type Outcome } from './command-line.js';
import { FramewellServer } from './framewell-server.js';
import { numberedClip } from './numbered-clip.js';
import { unusedPort } from './unused-port.js';

/** Of all cameras. */
export const LOGIN = { user: 'keeper', password: 'se:cr@t#1' };

/** A server that the framewell program asks, with a camera `up` and one, `refused`, that nothing answers for. */
export class CommandLineScene {
  readonly server: FramewellServer;
  /** The camera that is up. */
  readonly mount: Mount;

  private constructor(server: FramewellServer, mount: Mount) {
    this.server = server;
    this.mount = mount;
  }

  static async start(cleanup: Cleanup): Promise<CommandLineScene> {
    const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
    const clip = await loadClip((await numberedClip()).path);
    const mount = simulator.addMount('/locked', clip, { auth: { scheme: 'digest', ...LOGIN } });
    const server = await FramewellServer.start({
      cameras: [
        { id: 'up', url: mount.url, ...LOGIN },
        { id: 'refused', url: `rtsp://127.0.0.1:${await unusedPort()}/stream`, ...LOGIN },
      ],
    });
    cleanup.add(server, (it) => it.stop());
    await server.untilState('up', 'live');
    await server.untilCamera('refused', ({ state }) => state.cause !== undefined);
    return new CommandLineScene(server, mount);
  }

  /** Runs the program, which finds this server. */
  framewell(...args: string[]): Promise<Outcome> {
    return runFramewell(args, { FRAMEWELL_SERVER: this.server.origin });
  }
}
