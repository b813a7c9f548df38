import { loadClip } from '../../simulator/clip/load-clip.js';
import { SimulatorServer } from '../../simulator/simulator-server.js';
import type { Cleanup } from '../support/cleanup.js';
import { numberedClip } from '../support/numbered-clip.js';
import { unusedPort } from '../support/unused-port.js';

/** URLs of cameras that end up in the state by which they are called. */
export interface ExitCameras {
  readonly live: string;
  readonly connecting: string;
  readonly backingOff: string;
  readonly parked: string;
  readonly awaitingKeyframe: string;
}

/** Cameras for every state; `cleanup` ends them. */
export async function startExitCameras(cleanup: Cleanup): Promise<ExitCameras> {
  const simulator = cleanup.add(await SimulatorServer.listen({ host: '127.0.0.1', port: 0 }), (it) => it.close());
  const clip = await loadClip((await numberedClip()).path);
  return {
    live: simulator.addMount('/live', clip).url,
    connecting: simulator.addMount('/silent', clip, { answer: { kind: 'silence' } }).url,
    backingOff: `rtsp://127.0.0.1:${await unusedPort()}/`,
    parked: simulator.addMount('/locked', clip, { auth: { scheme: 'digest', user: 'a', password: 'b' } }).url,
    awaitingKeyframe: simulator.addMount('/stalled', clip, { stalled: true }).url,
  };
}
