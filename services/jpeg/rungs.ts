import type { DecodedFrame } from '../stream/decode-backend.js';

/** What a viewer wants at most of live pictures. */
export interface LiveLimits {
  /** Bounding box in pixels. */
  readonly width?: number;
  readonly height?: number;
  /** JPEG quality, 1 to 100. */
  readonly quality?: number;
  /** Pictures a second. */
  readonly fps?: number;
}

type Size = Pick<DecodedFrame, 'width' | 'height'>;

/** What a rung takes from that which was asked for. */
interface Rung {
  readonly quality?: number;
  /** Steps down the list of widths, and where they end. */
  readonly steps: number;
  readonly narrowest: number;
  readonly fps?: number;
}

/** The same for all, so that viewers who asked for different sizes share encodes further down. */
const WIDTHS = [3840, 2560, 1920, 1280, 960, 640, 480, 320, 240, 160];

/** A width that is hardly smaller is no step. */
const WORTH_A_STEP = 0.85;

const QUALITY = 45;
/** From 4K to the narrowest. */
const STEPS = 8;
/** Hardly anything is to be recognised in less: before that, pictures come less often. */
const NARROW = 240;

/** Quality first: it costs the eye least. Then size. Then rate, since a picture that moves says more than a large one. */
const RUNGS: readonly Rung[] = [
  { steps: 0, narrowest: NARROW },
  { steps: 0, narrowest: NARROW, quality: 60 },
  { steps: 0, narrowest: NARROW, quality: QUALITY },
  ...Array.from({ length: STEPS }, (_, index) => ({ steps: index + 1, narrowest: NARROW, quality: QUALITY })),
  { steps: STEPS, narrowest: NARROW, quality: QUALITY, fps: 12 },
  { steps: STEPS, narrowest: NARROW, quality: QUALITY, fps: 8 },
  { steps: STEPS, narrowest: NARROW, quality: QUALITY, fps: 5 },
  { steps: STEPS + 1, narrowest: 160, quality: QUALITY, fps: 5 },
  { steps: STEPS + 1, narrowest: 160, quality: QUALITY, fps: 3 },
];

export const LOWEST_RUNG = RUNGS.length - 1;

/** What is left of the limits on that rung, for a camera whose pictures have that size. */
export function limitsAt(rung: number, asked: LiveLimits, source: Size): LiveLimits {
  const { steps, narrowest, ...rest } = RUNGS[rung]!;
  const { width: fitted } = fittedInto(asked, source);
  const width = narrowed(fitted, steps, narrowest);
  const quality = least(asked.quality, rest.quality);
  const fps = least(asked.fps, rest.fps);
  return {
    // The height follows from the width: with only one of them, more viewers want the same.
    ...(width < fitted ? { width } : boxOf(asked)),
    ...(quality !== undefined && { quality }),
    ...(fps !== undefined && { fps }),
  };
}

/**
 * How many bytes such a picture has, in proportion to others of the same camera. A JPEG grows less than its pixels, and
 * with the quality as libjpeg scales its tables. Fitted to widths of 160 to 1920 and qualities of 30 to 95; contents
 * differ from it by up to a third over that whole range, and much less from one rung to the next.
 */
export function relativeBytes(limits: LiveLimits, source: Size): number {
  const { width, height } = fittedInto(limits, source);
  const { quality = USUAL_QUALITY } = limits;
  const coarseness = quality < 50 ? 50 / quality : Math.max(100 - quality, 1) / 50;
  return (width * height) ** 0.78 * coarseness ** -0.7;
}

const USUAL_QUALITY = 80;

function boxOf({ width, height }: LiveLimits): LiveLimits {
  return { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
}

function fittedInto({ width = Infinity, height = Infinity }: LiveLimits, source: Size): Size {
  const scale = Math.min(1, width / source.width, height / source.height);
  return { width: source.width * scale, height: source.height * scale };
}

function narrowed(width: number, steps: number, narrowest: number): number {
  const smaller = WIDTHS.filter((step) => step <= width * WORTH_A_STEP && step >= narrowest);
  return smaller[Math.min(steps, smaller.length) - 1] ?? width;
}

/** The lesser of those that there are. */
function least(...values: readonly (number | undefined)[]): number | undefined {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
