import { makeClip } from '../support/clips.js';

/** What a clip's decoder and the kernels have to tell apart. */
export interface StillClip {
  readonly codec: 'h264' | 'h265' | 'mjpeg';
  readonly bits: 8 | 10;
  readonly matrix: 'smpte170m' | 'bt709' | 'bt2020nc';
  readonly range: 'limited' | 'full';
  readonly width: number;
  readonly height: number;
}

/** Pictures a second. */
export const STILL_FPS = 5;

const COLOURS = [
  { matrix: 'smpte170m', range: 'limited' },
  { matrix: 'smpte170m', range: 'full' },
  { matrix: 'bt709', range: 'limited' },
  { matrix: 'bt709', range: 'full' },
] as const;

export const STILL_CLIPS: readonly StillClip[] = [
  ...COLOURS.map((colour) => ({ codec: 'h264', bits: 8, ...colour, width: 640, height: 360 }) as const),
  ...COLOURS.map((colour) => ({ codec: 'h265', bits: 8, ...colour, width: 640, height: 360 }) as const),
  { codec: 'h265', bits: 10, matrix: 'bt709', range: 'limited', width: 640, height: 360 },
  { codec: 'h265', bits: 10, matrix: 'bt2020nc', range: 'limited', width: 640, height: 360 },
  { codec: 'h265', bits: 10, matrix: 'bt2020nc', range: 'full', width: 640, height: 360 },
  // JFIF has no other colours.
  { codec: 'mjpeg', bits: 8, matrix: 'smpte170m', range: 'full', width: 640, height: 360 },
  // Not a multiple of what codecs work in.
  { codec: 'h264', bits: 8, matrix: 'smpte170m', range: 'limited', width: 354, height: 238 },
  { codec: 'h264', bits: 8, matrix: 'bt709', range: 'limited', width: 1280, height: 720 },
  { codec: 'h264', bits: 8, matrix: 'bt709', range: 'limited', width: 1920, height: 1080 },
];

export function stillClipName({ codec, bits, matrix, range, width, height }: StillClip): string {
  return `still-${codec}-${bits}bit-${matrix}-${range}-${width}x${height}`;
}

/**
 * One picture over and over, each a keyframe: whichever of them an engine decodes, it is the same. Soft as pictures of
 * lenses are, so that what is compared is arithmetic and not how a chroma sample is drawn out at an edge.
 */
export function stillClip(clip: StillClip): Promise<string> {
  const { codec, bits, matrix, range, width, height } = clip;
  const scene = `testsrc2=size=${width}x${height}:rate=${STILL_FPS},loop=loop=4:size=1,eq=contrast=0.85:saturation=0.5,gblur=sigma=2`;
  const encoder = {
    h264: ['-c:v', 'libx264', '-preset', 'veryfast', '-qp', '12', '-g', '1'],
    h265: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'qp=12:keyint=1:log-level=error'],
    mjpeg: ['-c:v', 'mjpeg', '-q:v', '2', '-huffman', 'default', '-pix_fmt', 'yuvj420p'],
  }[codec];
  const format = bits === 10 ? 'yuv420p10le' : 'yuv420p';
  const rangeFlag = range === 'full' ? 'pc' : 'tv';
  const graph = `${scene},scale=out_color_matrix=${matrix === 'bt2020nc' ? 'bt2020' : matrix}:out_range=${rangeFlag},format=${format}`;
  const flags = ['-colorspace', matrix, '-color_range', rangeFlag];
  const args = ['-f', 'lavfi', '-i', graph, '-frames:v', '5', ...encoder, ...flags];
  return makeClip(stillClipName(clip), args, codec);
}

/** Some pictures that refer to each other. */
export function av1Clip(): Promise<string> {
  const scene = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-frames:v', '25', '-pix_fmt', 'yuv420p'];
  return makeClip(
    'moving-av1-640x360',
    [...scene, '-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime'],
    'mp4',
  );
}
