import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';

/**
 * 1280x720 at 25 frames a second, H.264 at 2 Mbit/s, a keyframe every 50 frames, 10 s: what most figures are of. Or the
 * same at 1920x1080 and 4 Mbit/s.
 */
export function referenceClip(height: 720 | 1080 = 720): string {
  const { width, megabits } = { 720: { width: 1280, megabits: 2 }, 1080: { width: 1920, megabits: 4 } }[height];
  const folder = join(projectRoot, 'build', 'bench');
  const path = join(folder, `reference-${height}p25-${megabits}mbit.h264`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, 'unfinished.h264');
  execFileSync('ffmpeg', [
    ...['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=25:duration=10`],
    // Noise keeps the encoder busy: without it test pictures take a tenth of a camera's bit rate.
    ...['-vf', 'noise=alls=12:allf=t', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'fast', '-bf', '0'],
    ...[
      '-b:v',
      `${megabits}M`,
      '-maxrate',
      `${megabits}M`,
      '-bufsize',
      `${2 * megabits}M`,
      '-g',
      '50',
      '-keyint_min',
      '50',
      '-sc_threshold',
      '0',
    ],
    ...['-bsf:v', 'h264_metadata=tick_rate=50', unfinished],
  ]);
  renameSync(unfinished, path);
  return path;
}
