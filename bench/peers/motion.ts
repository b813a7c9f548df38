import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../support/launch.js';
import { freePort } from '../support/programs.js';
import { picturesOverHttp } from './over-http.js';
import { QUALITY, type Peer } from './peer.js';
import { versionOf } from './versions.js';

/**
 * Detecting motion, files, and text on the picture are off: the others have none either. Frames are taken as they come:
 * with a capture rate of 25, what it is behind at the start stays.
 */
const COMMON = ['daemon off', 'log_level 3', 'webcontrol_port 0', 'stream_localhost on', 'stream_maxrate 100'];
const CAMERA = [
  'width 1280',
  'height 720',
  'framerate 25',
  'netcam_params rtsp_transport=tcp,capture_rate=100',
  'text_right',
  'pause on',
];

export const motion: Peer = {
  name: 'Motion',
  needs: 'the Debian package motion',
  version: () => versionOf('motion', ['-h'], /Version (\S+?),/),
  async start(urls) {
    const folder = await mkdtemp(join(tmpdir(), 'framewell-motion-'));
    const port = await freePort();
    const cameraFile = (camera: number): string => join(folder, `camera-${camera}.conf`);
    await Promise.all(
      urls.map((url, camera) => {
        const lines = [`camera_id ${camera + 1}`, `netcam_url ${url}`, ...CAMERA];
        return writeFile(cameraFile(camera), `${lines.join('\n')}\n`);
      }),
    );
    const lines = [
      ...COMMON,
      `stream_quality ${QUALITY}`,
      `stream_port ${port}`,
      'picture_output off',
      'movie_output off',
    ];
    const cameras = urls.map((_, camera) => `camera ${cameraFile(camera)}`);
    const configPath = join(folder, 'motion.conf');
    await writeFile(configPath, `${[...lines, ...cameras].join('\n')}\n`);
    const { pid, stop } = await launch('motion', ['-c', configPath]);
    const pictures = picturesOverHttp({
      snapshot: (camera) => `http://127.0.0.1:${port}/${camera + 1}/current`,
      stream: (camera) => `http://127.0.0.1:${port}/${camera + 1}/stream`,
    });
    return {
      ...pictures,
      pids: [pid],
      async stop() {
        await stop();
        await rm(folder, { recursive: true });
      },
    };
  },
};
