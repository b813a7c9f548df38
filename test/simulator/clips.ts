import { makeClip } from '../support/clips.js';

/** Two seconds of a moving test picture with a frame counter, 320x240, a keyframe a second. */
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=2', '-pix_fmt', 'yuv420p'];

const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'];

/** Clips made by ffmpeg; each gives its path. */
export const clips = {
  h264: () => makeClip('h264', [...PICTURE, '-c:v', 'libx264', '-bf', '0', '-g', '25'], 'h264'),
  h265: () => makeClip('h265', [...PICTURE, ...X265, 'bframes=0:keyint=25:log-level=error'], 'h265'),
  mjpeg: () => makeClip('mjpeg', [...PICTURE, '-c:v', 'mjpeg', '-huffman', 'default', '-q:v', '4'], 'mjpeg'),
  h264WithBFrames: () => makeClip('h264-b', [...PICTURE, '-c:v', 'libx264', '-bf', '2', '-g', '25'], 'mp4'),
  h265WithBFrames: () => makeClip('h265-b', [...PICTURE, ...X265, 'bframes=3:keyint=25:log-level=error'], 'mp4'),
  annexBWithBFrames: () => makeClip('annexb-b', [...PICTURE, '-c:v', 'libx264', '-bf', '2', '-g', '25'], 'h264'),
};
