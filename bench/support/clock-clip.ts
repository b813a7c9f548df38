import { makeClip } from '../../test/support/clips.js';
import { numberedFrames } from '../../test/support/frame-number.js';

/** A clip whose every frame carries its number, so that a picture of it tells when it was sent. */
export interface ClockClip {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
}

export interface ClockClipOptions extends Omit<ClockClip, 'path'> {
  readonly kbps: number;
  /** Frames from one keyframe to the next. */
  readonly gop: number;
}

/** What the peers are compared with: 20 s, so that pictures up to that age are told apart. */
export const PEERS_CLIP: ClockClipOptions = { width: 1280, height: 720, fps: 25, kbps: 2000, gop: 50, frames: 500 };

/** What a thousand cameras play. */
export const SMALL_CLIP: ClockClipOptions = { width: 640, height: 360, fps: 10, kbps: 256, gop: 20, frames: 200 };

/** Made once and kept. H.264 in BT.601 limited range, at a constant bit rate as cameras have it. */
export async function makeClockClip({ kbps, gop, ...clip }: ClockClipOptions): Promise<ClockClip> {
  const [...input] = numberedFrames(clip);
  // Grain that stays gives a JPEG the size of a camera's, noise that does not keeps the camera's encoder busy.
  const graph = `${input.pop()},noise=alls=13,noise=alls=4:allf=t,setsar=1`;
  const path = await makeClip(
    `clock-${clip.width}x${clip.height}-${kbps}k`,
    [
      ...[...input, graph, '-frames:v', `${clip.frames}`, '-pix_fmt', 'yuv420p'],
      ...['-colorspace', 'smpte170m', '-color_primaries', 'smpte170m', '-color_trc', 'smpte170m', '-color_range', 'tv'],
      ...['-c:v', 'libx264', '-preset', 'fast', '-bf', '0', '-g', `${gop}`, '-keyint_min', `${gop}`],
      ...['-sc_threshold', '0', '-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${2 * kbps}k`],
      ...['-bsf:v', `h264_metadata=tick_rate=${2 * clip.fps}`],
    ],
    'h264',
  );
  return { ...clip, path };
}
