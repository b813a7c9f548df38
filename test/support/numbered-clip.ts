import { makeClip } from './clips.js';
import { numberedFrames } from './frame-number.js';

export interface NumberedClip {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  /** Frames from one keyframe to the next. */
  readonly gop: number;
}

export interface NumberedClipOptions extends Partial<Omit<NumberedClip, 'path'>> {
  readonly codec?: 'h264' | 'h265' | 'mjpeg';
  readonly bFrames?: number;
  /** Width to height of one pixel, as `16/11`. */
  readonly sampleAspectRatio?: string;
}

/** A clip whose frames say their number, in BT.601 limited range (full range for MJPEG). */
export async function numberedClip({
  codec = 'h264',
  width = 640,
  height = 360,
  fps = 25,
  frames = 250,
  gop = 50,
  bFrames = 0,
  sampleAspectRatio = '1',
}: NumberedClipOptions = {}): Promise<NumberedClip> {
  const [...input] = numberedFrames({ width, height, fps });
  const graph = `${input.pop()},setsar=${sampleAspectRatio}`;
  const encoder = {
    h264: ['-c:v', 'libx264', '-preset', 'veryfast', '-sc_threshold', '0', '-g', `${gop}`, '-bf', `${bFrames}`],
    h265: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', h265Parameters(gop, bFrames)],
    mjpeg: ['-c:v', 'mjpeg', '-q:v', '2', '-huffman', 'default'],
  }[codec];
  const colour =
    codec === 'mjpeg'
      ? ['-pix_fmt', 'yuvj420p']
      : ['-pix_fmt', 'yuv420p', '-colorspace', 'smpte170m', '-color_range', 'tv', '-crf', '20'];
  const args = [...input, graph, '-frames:v', `${frames}`, ...encoder, ...colour];
  // Only MP4 tells the times of B-frames, only concatenated JPEGs are taken as MJPEG.
  const extension = { h264: bFrames > 0 ? 'mp4' : 'h264', h265: bFrames > 0 ? 'mp4' : 'h265', mjpeg: 'mjpeg' }[codec];
  const path = await makeClip(`numbered-${codec}-${width}x${height}`, args, extension);
  return { path, width, height, fps, frames, gop };
}

function h265Parameters(gop: number, bFrames: number): string {
  return `keyint=${gop}:min-keyint=${gop}:scenecut=0:open-gop=0:bframes=${bFrames}:log-level=error`;
}
