import { CLOCK_RATE, createClip, type Clip } from './clip.js';
import { h264FrameRate, isBSlice } from './h264-sps.js';
import { parseH265Timing } from './h265-sps.js';
import { isSlice, isSps, startsAccessUnit, type NalCodec } from './nal-unit.js';

const START_CODE = Buffer.from([0, 0, 1]);

/**
 * A clip from a byte stream (H.264 annex B, H.265 annex B). The format has no times, so the frame rate comes from
 * `fps` or else from the SPS, and pictures must be in display order.
 */
export function readAnnexB(codec: NalCodec, bytes: Buffer, fps?: number): Clip {
  const accessUnits = groupAccessUnits(codec, splitNalUnits(bytes));
  const nals = accessUnits.flat();
  const sps = nals.find((nal) => isSps(codec, nal));
  if (!sps) throw new Error('Expected an SPS but found none');
  if (reordersPictures(codec, sps, nals)) {
    throw new Error('Expected an Annex B stream without B-frames but it has some; an MP4 file carries their times');
  }
  const framesPerSecond = fps ?? (codec === 'h264' ? h264FrameRate(sps) : parseH265Timing(sps).framesPerSecond);
  if (!framesPerSecond) throw new Error('Expected a frame rate in the SPS but it has none; give fps');
  const frameTicks = CLOCK_RATE / framesPerSecond;
  const timed = accessUnits.map((units, index) => {
    const ticks = Math.round(index * frameTicks);
    return { units, decodeTicks: ticks, presentationTicks: ticks };
  });
  return createClip(codec, timed, Math.round(accessUnits.length * frameTicks));
}

export function splitNalUnits(bytes: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let begin = bytes.indexOf(START_CODE);
  while (begin !== -1) {
    begin += START_CODE.length;
    const next = bytes.indexOf(START_CODE, begin);
    let end = next === -1 ? bytes.length : next;
    // B.1.1: zero bytes before a start code belong to no NAL unit, and a NAL unit never ends with one.
    while (end > begin && bytes[end - 1] === 0) end--;
    if (end > begin) nals.push(bytes.subarray(begin, end));
    begin = next;
  }
  return nals;
}

function groupAccessUnits(codec: NalCodec, nals: readonly Buffer[]): Buffer[][] {
  const accessUnits: Buffer[][] = [];
  let current: Buffer[] = [];
  let seenSlice = false;
  for (const nal of nals) {
    if (seenSlice && startsAccessUnit(codec, nal)) {
      accessUnits.push(current);
      current = [];
      seenSlice = false;
    }
    current.push(nal);
    seenSlice ||= isSlice(codec, nal);
  }
  if (seenSlice) accessUnits.push(current);
  return accessUnits;
}

function reordersPictures(codec: NalCodec, sps: Buffer, nals: readonly Buffer[]): boolean {
  // H.265 encoders without reordering may still write B slices (both lists looking back), so there the SPS decides.
  if (codec === 'h265') return parseH265Timing(sps).reorderPictures > 0;
  return nals.some((nal) => isSlice(codec, nal) && isBSlice(nal));
}
