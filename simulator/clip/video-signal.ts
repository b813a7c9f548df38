import type { BitReader } from './bit-reader.js';

const EXTENDED_SAR = 255;

/** The begin that the VUI of H.264 (E.1.1) and of H.265 (E.2.1) have in common, up to the chroma location. */
export function skipVuiVideoSignal(reader: BitReader): void {
  if (reader.flag() && reader.bits(8) === EXTENDED_SAR) reader.skip(32);
  if (reader.flag()) reader.skip(1); // overscan_appropriate_flag
  if (reader.flag()) {
    reader.skip(4); // video_format, video_full_range_flag
    if (reader.flag()) reader.skip(24); // colour description
  }
  if (reader.flag()) {
    reader.ue();
    reader.ue();
  }
}
