import { CLOCK_RATE, createClip, type Clip } from '../../simulator/clip/clip.js';

export const SPS = Buffer.from('6742001f8c8d40501ed0', 'hex');
export const PPS = Buffer.from('68ce3c80', 'hex');

/**
 * H.264 that no decoder has to understand: a slice of `bytes` per access unit, which begins with its index. Slices of
 * keyframes have NAL type 5, the others 1.
 */
export function syntheticClip({ accessUnits = 12, gop = 4, bytes = 3000, fps = 100 } = {}): Clip {
  const frameTicks = CLOCK_RATE / fps;
  const timed = Array.from({ length: accessUnits }, (_, index) => {
    const keyframe = index % gop === 0;
    const slice = Buffer.alloc(bytes, 0x55);
    slice[0] = keyframe ? 0x65 : 0x41;
    slice[1] = index;
    const ticks = index * frameTicks;
    return { units: keyframe ? [SPS, PPS, slice] : [slice], decodeTicks: ticks, presentationTicks: ticks };
  });
  return createClip('h264', timed, accessUnits * frameTicks);
}
