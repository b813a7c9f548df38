import { BitReader } from './bit-reader.js';
import { skipVuiVideoSignal } from './video-signal.js';

export interface H265Timing {
  /** sps_max_num_reorder_pics of the highest sub-layer: 0 where decoding order is display order. */
  readonly reorderPictures: number;
  /** The frame rate that the VUI states, frames per second; undefined where it states none. */
  readonly framesPerSecond: number | undefined;
}

/** H.265 7.3.2.2.1, as far as the VUI's timing. */
export function parseH265Timing(sps: Buffer): H265Timing {
  const reader = new BitReader(sps.subarray(2));
  reader.skip(4); // sps_video_parameter_set_id
  const maxSubLayersMinus1 = reader.bits(3);
  reader.skip(1); // sps_temporal_id_nesting_flag
  skipProfileTierLevel(reader, maxSubLayersMinus1);
  reader.ue(); // sps_seq_parameter_set_id
  if (reader.ue() === 3) reader.skip(1); // chroma_format_idc, separate_colour_plane_flag
  reader.ue(); // pic_width_in_luma_samples
  reader.ue(); // pic_height_in_luma_samples
  if (reader.flag()) for (let side = 0; side < 4; side++) reader.ue(); // conformance window
  reader.ue(); // bit_depth_luma_minus8
  reader.ue(); // bit_depth_chroma_minus8
  const pocBits = reader.ue() + 4;
  let reorderPictures = 0;
  for (let layer = reader.flag() ? 0 : maxSubLayersMinus1; layer <= maxSubLayersMinus1; layer++) {
    reader.ue(); // sps_max_dec_pic_buffering_minus1
    reorderPictures = reader.ue();
    reader.ue(); // sps_max_latency_increase_plus1
  }
  skipCodingTools(reader, pocBits);
  return { reorderPictures, framesPerSecond: reader.flag() ? vuiFrameRate(reader) : undefined };
}

/** 7.3.3 */
function skipProfileTierLevel(reader: BitReader, maxSubLayersMinus1: number): void {
  reader.skip(96); // general profile and level
  if (maxSubLayersMinus1 === 0) return;
  const present: { profile: boolean; level: boolean }[] = [];
  for (let layer = 0; layer < maxSubLayersMinus1; layer++) {
    present.push({ profile: reader.flag(), level: reader.flag() });
  }
  reader.skip(2 * (8 - maxSubLayersMinus1));
  for (const { profile, level } of present) reader.skip((profile ? 88 : 0) + (level ? 8 : 0));
}

/** Block sizes, scaling lists, PCM and reference picture sets: what stands between the reordering and the VUI. */
function skipCodingTools(reader: BitReader, pocBits: number): void {
  for (let element = 0; element < 6; element++) reader.ue(); // block sizes, transform hierarchy depths
  if (reader.flag() && reader.flag()) skipScalingListData(reader);
  reader.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (reader.flag()) {
    reader.skip(8); // PCM sample bit depths
    reader.ue();
    reader.ue();
    reader.skip(1);
  }
  skipShortTermReferenceSets(reader);
  if (reader.flag()) {
    const pictures = reader.ue();
    reader.skip(pictures * (pocBits + 1)); // lt_ref_pic_poc_lsb_sps, used_by_curr_pic_lt_sps_flag
  }
  reader.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
}

/** 7.3.4 */
function skipScalingListData(reader: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!reader.flag()) {
        reader.ue(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (size > 1) reader.se(); // scaling_list_dc_coef_minus8
      const coefficients = Math.min(64, 1 << (4 + 2 * size));
      for (let i = 0; i < coefficients; i++) reader.se();
    }
  }
}

/** 7.3.7: a set may be coded by its difference from the set before it, so the sizes must be kept. */
function skipShortTermReferenceSets(reader: BitReader): void {
  const sets = reader.ue();
  let pictures = 0;
  for (let set = 0; set < sets; set++) {
    if (set > 0 && reader.flag()) {
      reader.skip(1); // delta_rps_sign
      reader.ue(); // abs_delta_rps_minus1
      let kept = 0;
      for (let picture = 0; picture <= pictures; picture++) if (reader.flag() || reader.flag()) kept++;
      pictures = kept;
      continue;
    }
    pictures = reader.ue() + reader.ue();
    for (let picture = 0; picture < pictures; picture++) {
      reader.ue(); // delta_poc_minus1
      reader.skip(1); // used_by_curr_pic_flag
    }
  }
}

/** E.2.1 */
function vuiFrameRate(reader: BitReader): number | undefined {
  skipVuiVideoSignal(reader);
  reader.skip(3); // neutral chroma, field_seq_flag, frame_field_info_present_flag
  if (reader.flag()) for (let side = 0; side < 4; side++) reader.ue(); // default display window
  if (!reader.flag()) return undefined; // vui_timing_info_present_flag
  const unitsInTick = reader.bits(32);
  const timeScale = reader.bits(32);
  return unitsInTick > 0 ? timeScale / unitsInTick : undefined;
}
