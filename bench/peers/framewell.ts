import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';
import { startServer } from '../support/programs.js';
import { picturesOverHttp } from './over-http.js';
import { QUALITY, type Peer, type RunningPeer } from './peer.js';

export interface RunningFramewell extends RunningPeer {
  streamUrl(camera: number): string;
}

export const framewell = {
  name: 'framewell',
  needs: 'npm run build',
  version: () => (JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }).version,
  async start(urls: readonly string[]): Promise<RunningFramewell> {
    const { address, pid, stop } = await startServer(urls, { JPEG_QUALITY: String(QUALITY) });
    const path = (camera: number): string => `${address}/cameras/camera-${camera + 1}`;
    const streamUrl = (camera: number): string => `${path(camera)}/stream.mjpeg`;
    const pictures = picturesOverHttp({ snapshot: (camera) => `${path(camera)}/snapshot.jpg`, stream: streamUrl });
    return { ...pictures, streamUrl, pids: [pid], stop };
  },
} satisfies Peer;
