export type NalCodec = 'h264' | 'h265';

/** H.264 table 7-1. */
const H264 = { idrSlice: 5, sei: 6, sps: 7, pps: 8, accessUnitDelimiter: 9 } as const;

/** H.265 table 7-1. */
const H265 = { firstIrap: 16, lastIrap: 21, firstNonVcl: 32, vps: 32, pps: 34, accessUnitDelimiter: 35, prefixSei: 39 };

export function nalType(codec: NalCodec, nal: Buffer): number {
  const header = nal[0] ?? 0;
  return codec === 'h264' ? header & 0x1f : (header >> 1) & 0x3f;
}

export function isSlice(codec: NalCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === 'h264' ? type >= 1 && type <= H264.idrSlice : type < H265.firstNonVcl;
}

/** An IDR slice (H.264) or a slice of any IRAP picture (H.265), where a decoder may begin. */
export function isKeyframeSlice(codec: NalCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === 'h264' ? type === H264.idrSlice : type >= H265.firstIrap && type <= H265.lastIrap;
}

/** VPS, SPS or PPS. */
export function isParameterSet(codec: NalCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === 'h264' ? type === H264.sps || type === H264.pps : type >= H265.vps && type <= H265.pps;
}

export function isSps(codec: NalCodec, nal: Buffer): boolean {
  return nalType(codec, nal) === (codec === 'h264' ? H264.sps : H265.vps + 1);
}

/**
 * Whether this NAL unit, coming after a slice, is the first of the next access unit: H.264 7.4.1.2.3 and
 * H.265 7.4.2.4.4, for streams without redundant pictures and arbitrary slice order.
 */
export function startsAccessUnit(codec: NalCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  if (codec === 'h264') {
    // ue(v) writes first_mb_in_slice 0 as a single 1 bit.
    if (isSlice(codec, nal)) return ((nal[1] ?? 0) & 0x80) !== 0;
    return (type >= H264.sei && type <= H264.accessUnitDelimiter) || (type >= 14 && type <= 18);
  }
  // first_slice_segment_in_pic_flag leads the slice segment header.
  if (isSlice(codec, nal)) return ((nal[2] ?? 0) & 0x80) !== 0;
  const reserved = (type >= 41 && type <= 44) || (type >= 48 && type <= 55);
  return (type >= H265.vps && type <= H265.accessUnitDelimiter) || type === H265.prefixSei || reserved;
}
