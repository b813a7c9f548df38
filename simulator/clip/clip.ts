import { isKeyframeSlice, isParameterSet, type NalCodec } from './nal-unit.js';

export type Codec = NalCodec | 'mjpeg';

/** RFC 6184 5.1, RFC 7798 4.1 and RFC 2435 3: video is timed by a 90 kHz clock. */
export const CLOCK_RATE = 90_000;

/** One coded picture, as it is sent: one RTP timestamp, the marker bit on its last packet. */
export interface AccessUnit {
  /** NAL units in decoding order without start codes; for MJPEG one whole JPEG. */
  readonly units: readonly Buffer[];
  readonly keyframe: boolean;
  /** When it is sent: 90 kHz ticks since the clip's begin, never falling. */
  readonly decodeTicks: number;
  /** When it is shown, on the same scale; never before `decodeTicks`. */
  readonly presentationTicks: number;
}

/**
 * A stretch of coded video that can be played in a loop: it begins with a keyframe, and every keyframe carries the
 * parameter sets that it needs.
 */
export interface Clip {
  readonly codec: Codec;
  readonly accessUnits: readonly AccessUnit[];
  readonly durationTicks: number;
  /** Longest time by which an access unit is sent ahead of its presentation; 0 without B-frames. */
  readonly reorderTicks: number;
  readonly framesPerSecond: number;
}

/** What a file reader knows of an access unit; times have any origin. */
export interface TimedUnits {
  readonly units: readonly Buffer[];
  readonly decodeTicks: number;
  readonly presentationTicks: number;
}

/** Builds a clip from what a file holds. Throws an Error that says what makes the content unfit for looping. */
export function createClip(codec: Codec, timed: readonly TimedUnits[], durationTicks: number): Clip {
  const first = timed[0];
  if (!first) throw new Error('Expected at least one access unit but found none');
  // A constant presentation delay (an MP4 whose edit list hides it) is no reordering.
  const delay = Math.min(...timed.map((unit) => unit.presentationTicks - unit.decodeTicks));
  let parameterSets: readonly Buffer[] = [];
  const accessUnits = timed.map((unit): AccessUnit => {
    const keyframe = codec === 'mjpeg' || unit.units.some((nal) => isKeyframeSlice(codec, nal));
    let { units } = unit;
    if (codec !== 'mjpeg') {
      const own = units.filter((nal) => isParameterSet(codec, nal));
      if (own.length > 0) parameterSets = own;
      else if (keyframe) units = [...parameterSets, ...units];
    }
    return {
      units,
      keyframe,
      decodeTicks: unit.decodeTicks - first.decodeTicks,
      presentationTicks: unit.presentationTicks - delay - first.decodeTicks,
    };
  });
  if (!accessUnits[0]?.keyframe) throw new Error('Expected the clip to begin with a keyframe but it does not');
  if (codec !== 'mjpeg' && parameterSets.length === 0) throw new Error('Expected parameter sets but found none');
  return {
    codec,
    accessUnits,
    durationTicks,
    reorderTicks: Math.max(...accessUnits.map((unit) => unit.presentationTicks - unit.decodeTicks)),
    framesPerSecond: (accessUnits.length * CLOCK_RATE) / durationTicks,
  };
}
