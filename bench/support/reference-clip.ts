import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../services/project-root.js';

/** 1280x720 at 25 frames a second, H.264 at 2 Mbit/s, a keyframe every 50 frames, 10 s: what most figures are of. */
export function referenceClip(): string {
  const folder = join(projectRoot, 'build', 'bench');
  const path = join(folder, 'reference-720p25-2mbit.h264');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, 'unfinished.h264');
  execFileSync('ffmpeg', [
    ...['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=10'],
    // Noise keeps the encoder busy: without it test pictures take a tenth of a camera's bit rate.
    ...['-vf', 'noise=alls=12:allf=t', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'fast', '-bf', '0'],
    ...['-b:v', '2M', '-maxrate', '2M', '-bufsize', '4M', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0'],
    ...['-bsf:v', 'h264_metadata=tick_rate=50', unfinished],
  ]);
  renameSync(unfinished, path);
  return path;
}
