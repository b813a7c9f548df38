import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';
import { launch } from '../support/launch.js';
import { freePort } from '../support/programs.js';
import { picturesOverHttp } from './over-http.js';
import { QUALITY, type Peer } from './peer.js';
import { versionOf } from './versions.js';

/** Debian's own Python, which has the package. */
const PYTHON = '/usr/bin/python3';

export const opencv: Peer = {
  name: 'OpenCV in Python',
  needs: 'the Debian package python3-opencv',
  version: () => versionOf(PYTHON, ['-c', 'import cv2; print(cv2.__version__)'], /^(\d\S+)$/m),
  async start(urls) {
    const port = await freePort();
    const program = join(projectRoot, 'bench/peers/opencv_server.py');
    const { pid, stop } = await launch(PYTHON, [program, String(port), String(QUALITY), ...urls], {
      env: { OPENCV_FFMPEG_CAPTURE_OPTIONS: 'rtsp_transport;tcp|fflags;nobuffer|flags;low_delay' },
    });
    const pictures = picturesOverHttp({
      snapshot: (camera) => `http://127.0.0.1:${port}/${camera}/snapshot`,
      stream: (camera) => `http://127.0.0.1:${port}/${camera}/stream`,
    });
    return { ...pictures, pids: [pid], stop };
  },
};
