import { launch } from '../support/launch.js';
import { picturesOverPipes } from './over-pipes.js';
import { QSCALE, type Peer } from './peer.js';
import { versionOf } from './versions.js';

/** A process for each camera. */
function ffmpeg(name: string, decoderOptions: readonly string[]): Peer {
  return {
    name,
    needs: 'the Debian package ffmpeg',
    version: () => versionOf('ffmpeg', ['-version'], /version (\S+)/),
    async start(urls) {
      const programs = await Promise.all(
        urls.map((url) => launch('ffmpeg', commandLine(url, decoderOptions), { stdio: ['ignore', 'pipe', 'ignore'] })),
      );
      return {
        ...picturesOverPipes(programs.map(({ child }) => child.stdout!)),
        pids: programs.map(({ pid }) => pid),
        async stop() {
          await Promise.all(programs.map((program) => program.stop()));
        },
      };
    },
  };
}

/** With all that FFmpeg has against delay. */
function commandLine(url: string, decoderOptions: readonly string[]): string[] {
  return [
    ...['-nostdin', '-loglevel', 'error', '-fflags', 'nobuffer', '-flags', 'low_delay'],
    // Else it reads for seconds to find out the frame rate, and stays that far behind.
    ...['-analyzeduration', '0', ...decoderOptions],
    ...['-rtsp_transport', 'tcp', '-i', url, '-an', '-fps_mode', 'passthrough'],
    ...['-c:v', 'mjpeg', '-q:v', String(QSCALE), '-f', 'mpjpeg', '-flush_packets', '1', 'pipe:1'],
  ];
}

export const ffmpegMjpeg = ffmpeg('ffmpeg per camera to MJPEG', []);
export const ffmpegKeyframes = ffmpeg('ffmpeg per camera, key frames only', ['-skip_frame', 'nokey']);
