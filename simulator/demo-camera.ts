import { assetPath } from './asset-path.js';
import { loadClip } from './clip/load-clip.js';
import { SimulatorServer } from './simulator-server.js';

export interface DemoCamera {
  readonly url: string;
  close(): Promise<void>;
}

/** Where `scripts/make-demo-clip.sh` puts the clip. */
export const DEMO_CLIP_PATH = assetPath('simulator', 'clips', 'demo.h264');

/** Plays the bundled clip over RTSP on a free loopback port. Whoever starts it closes it. */
export async function startDemoCamera(): Promise<DemoCamera> {
  const clip = await loadClip(DEMO_CLIP_PATH);
  const server = await SimulatorServer.listen({ host: '127.0.0.1', port: 0 });
  const { url } = server.addMount('/demo', clip);
  return { url, close: () => server.close() };
}
