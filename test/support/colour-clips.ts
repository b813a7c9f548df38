import type { Rgb } from './picture.js';

/** Two rows of eight patches, gamma-coded RGB: the bars of a test card, then greys and colours of real scenes. */
export const PATCHES: readonly Rgb[] = [
  [191, 191, 191],
  [191, 191, 0],
  [0, 191, 191],
  [0, 191, 0],
  [191, 0, 191],
  [191, 0, 0],
  [0, 0, 191],
  [0, 0, 0],
  [255, 255, 255],
  [128, 128, 128],
  [32, 32, 32],
  [204, 156, 128],
  [88, 60, 40],
  [40, 80, 160],
  [120, 180, 60],
  [230, 120, 20],
];
const COLUMNS = 8;
const ROWS = 2;

/** Kr and Kb of ITU-T H.273 table 4, by FFmpeg's names. */
const LUMA_WEIGHTS = {
  bt709: { red: 0.2126, blue: 0.0722 },
  smpte170m: { red: 0.299, blue: 0.114 },
  bt470bg: { red: 0.299, blue: 0.114 },
  fcc: { red: 0.3, blue: 0.11 },
  smpte240m: { red: 0.212, blue: 0.087 },
  bt2020nc: { red: 0.2627, blue: 0.0593 },
} as const;

export interface ColourClip {
  readonly codec: 'h264' | 'h265' | 'mjpeg';
  readonly matrix: keyof typeof LUMA_WEIGHTS;
  readonly range: 'limited' | 'full';
  readonly bits: 8 | 10;
  readonly chroma: '420' | '422' | '444';
  readonly width: number;
  readonly height: number;
  /** Whether the stream says its matrix and range (VUI). */
  readonly flagged: boolean;
}

export function colourClipName(clip: ColourClip): string {
  const { codec, matrix, range, bits, chroma, width, height, flagged } = clip;
  return [codec, `${bits}bit`, chroma, matrix, range, `${width}x${height}`, flagged ? 'flagged' : 'unflagged'].join(
    '-',
  );
}

/** The middle of a patch, as fractions of the picture; far enough from its edges for any chroma siting. */
export function patchCentre(index: number): { left: number; top: number; width: number; height: number } {
  const column = index % COLUMNS;
  const row = Math.floor(index / COLUMNS);
  return { left: (column + 0.375) / COLUMNS, top: (row + 0.375) / ROWS, width: 0.25 / COLUMNS, height: 0.25 / ROWS };
}

/** FFmpeg's arguments, without the output, for ten frames of the patches with a keyframe every five. */
export function colourClipArguments(clip: ColourClip): string[] {
  const planes = patchPlanes(clip).toString('base64');
  return [
    ...['-f', 'rawvideo', '-pixel_format', pixelFormat(clip), '-video_size', `${COLUMNS * 2}x${ROWS * 2}`],
    ...['-framerate', '5', '-i', `data:application/octet-stream;base64,${planes}`],
    // Nearest neighbour by whole factors repeats samples: no value is touched on the way to the encoder.
    ...['-vf', `loop=loop=9:size=1,scale=${clip.width}:${clip.height}:flags=neighbor`, '-an'],
    ...encoderArguments(clip),
  ];
}

export function pixelFormat({ codec, chroma, bits }: ColourClip): string {
  return `yuv${codec === 'mjpeg' ? 'j' : ''}${chroma}p${bits === 10 ? '10le' : ''}`;
}

/** Two by two pixels per patch in the clip's own format, so that subsampled chroma has one sample per patch at least. */
function patchPlanes(clip: ColourClip): Buffer {
  const samples = PATCHES.map((patch) => toYuv(patch, clip));
  const chromaWidth = clip.chroma === '444' ? 2 : 1;
  const chromaHeight = clip.chroma === '420' ? 1 : 2;
  const plane = (component: 0 | 1 | 2, width: number, height: number): number[] =>
    Array.from({ length: ROWS * height }, (_, y) =>
      Array.from({ length: COLUMNS * width }, (_, x) => {
        const patch = Math.floor(y / height) * COLUMNS + Math.floor(x / width);
        return samples[patch]![component];
      }),
    ).flat();
  const values = [plane(0, 2, 2), plane(1, chromaWidth, chromaHeight), plane(2, chromaWidth, chromaHeight)].flat();
  return clip.bits === 8 ? Buffer.from(values) : Buffer.from(Uint16Array.from(values).buffer);
}

/** ITU-T H.273 8.3, non-constant luminance, then quantised to the range and depth. */
export function toYuv(
  [red, green, blue]: Rgb,
  { matrix, range, bits }: Pick<ColourClip, 'matrix' | 'range' | 'bits'>,
): [number, number, number] {
  const weights = LUMA_WEIGHTS[matrix];
  const luma = (weights.red * red + (1 - weights.red - weights.blue) * green + weights.blue * blue) / 255;
  const blueDifference = (blue / 255 - luma) / (2 * (1 - weights.blue));
  const redDifference = (red / 255 - luma) / (2 * (1 - weights.red));
  const peak = 2 ** bits - 1;
  const step = 2 ** (bits - 8);
  const [lumaScale, lumaOffset, chromaScale] = range === 'full' ? [peak, 0, peak] : [219 * step, 16 * step, 224 * step];
  const quantise = (value: number): number => Math.min(peak, Math.max(0, Math.round(value)));
  return [
    quantise(luma * lumaScale + lumaOffset),
    quantise(blueDifference * chromaScale + 128 * step),
    quantise(redDifference * chromaScale + 128 * step),
  ];
}

function encoderArguments(clip: ColourClip): string[] {
  // The smallest quantiser that is not lossless: x264's lossless mode needs a profile that few decoders have.
  switch (clip.codec) {
    case 'h264':
      return ['-c:v', 'libx264', '-preset', 'veryfast', '-qp', '1', '-g', '5', '-bf', '0', ...colourFlags(clip)];
    case 'h265': {
      const params = 'qp=1:keyint=5:min-keyint=5:bframes=0:log-level=error';
      return ['-c:v', 'libx265', '-preset', 'veryfast', '-x265-params', params, ...colourFlags(clip)];
    }
    case 'mjpeg':
      return ['-c:v', 'mjpeg', '-q:v', '1', '-qmin', '1', '-huffman', 'default'];
  }
}

function colourFlags({ flagged, matrix, range }: ColourClip): string[] {
  return flagged ? ['-colorspace', matrix, '-color_range', range === 'full' ? 'pc' : 'tv'] : [];
}
