import type { Readable } from 'node:stream';
import { launch } from '../support/launch.js';
import { picturesOverPipes } from './over-pipes.js';
import { QUALITY, type Peer } from './peer.js';
import { versionOf } from './versions.js';

/** The first descriptor after the standard ones. */
const FIRST_PIPE = 3;

export const gstreamer: Peer = {
  name: 'GStreamer rtspsrc ! jpegenc',
  needs: 'the Debian packages gstreamer1.0-tools, gstreamer1.0-plugins-good and gstreamer1.0-libav',
  version: () => versionOf('gst-launch-1.0', ['--version'], /GStreamer (\S+)/),
  async start(urls) {
    const pipelines = urls.flatMap((url, camera) => pipeline(url, FIRST_PIPE + camera));
    const { child, pid, stop } = await launch('gst-launch-1.0', ['-q', ...pipelines], {
      stdio: ['ignore', 'ignore', 'ignore', ...urls.map(() => 'pipe' as const)],
    });
    return { ...picturesOverPipes(child.stdio.slice(FIRST_PIPE) as Readable[]), pids: [pid], stop };
  },
};

/** No jitter buffer, and no frame threads, which would be a delay of a frame each. */
function pipeline(url: string, descriptor: number): string[] {
  return [
    ...['rtspsrc', `location=${url}`, 'protocols=tcp', 'latency=0', '!', 'rtph264depay', '!', 'h264parse'],
    ...['!', 'avdec_h264', 'max-threads=1', '!', 'jpegenc', `quality=${QUALITY}`],
    ...['!', 'multipartmux', 'boundary=frame', '!', 'fdsink', `fd=${descriptor}`, 'sync=false'],
  ];
}
