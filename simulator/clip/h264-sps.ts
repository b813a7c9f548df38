import { BitReader } from './bit-reader.js';
import { skipVuiVideoSignal } from './video-signal.js';

/** Profiles whose SPS carries chroma_format_idc (H.264 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** The frame rate that the VUI states, frames per second; undefined where it states none. */
export function h264FrameRate(sps: Buffer): number | undefined {
  const reader = new BitReader(sps.subarray(1));
  const profile = reader.bits(8);
  reader.skip(16); // constraint flags, level_idc
  reader.ue(); // seq_parameter_set_id
  if (HIGH_PROFILES.has(profile)) skipChromaFormat(reader);
  reader.ue(); // log2_max_frame_num_minus4
  skipPictureOrderCount(reader);
  reader.ue(); // max_num_ref_frames
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
  reader.ue(); // pic_width_in_mbs_minus1
  reader.ue(); // pic_height_in_map_units_minus1
  if (!reader.flag()) reader.skip(1); // frame_mbs_only_flag, mb_adaptive_frame_field_flag
  reader.skip(1); // direct_8x8_inference_flag
  if (reader.flag()) for (let side = 0; side < 4; side++) reader.ue(); // frame cropping
  if (!reader.flag()) return undefined; // vui_parameters_present_flag
  skipVuiVideoSignal(reader);
  if (!reader.flag()) return undefined; // timing_info_present_flag
  const unitsInTick = reader.bits(32);
  const timeScale = reader.bits(32);
  // E.2.1: a tick is a field's time, so a frame lasts two.
  return unitsInTick > 0 ? timeScale / (2 * unitsInTick) : undefined;
}

/** Whether this slice may refer to later pictures, which makes decoding order differ from display order. */
export function isBSlice(slice: Buffer): boolean {
  const reader = new BitReader(slice.subarray(1, 16));
  reader.ue(); // first_mb_in_slice
  return reader.ue() % 5 === 1; // slice_type, table 7-6
}

function skipChromaFormat(reader: BitReader): void {
  const chromaFormat = reader.ue();
  if (chromaFormat === 3) reader.skip(1); // separate_colour_plane_flag
  reader.ue(); // bit_depth_luma_minus8
  reader.ue(); // bit_depth_chroma_minus8
  reader.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (!reader.flag()) return; // seq_scaling_matrix_present_flag
  const lists = chromaFormat === 3 ? 12 : 8;
  for (let list = 0; list < lists; list++) if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
}

/** 7.3.2.1.1.1: a next scale of 0 ends the list's coded part. */
function skipScalingList(reader: BitReader, size: number): void {
  let scale = 8;
  for (let i = 0; i < size && scale !== 0; i++) scale = (scale + reader.se() + 256) % 256;
}

function skipPictureOrderCount(reader: BitReader): void {
  const type = reader.ue();
  if (type === 0) reader.ue();
  if (type !== 1) return;
  reader.skip(1); // delta_pic_order_always_zero_flag
  reader.se(); // offset_for_non_ref_pic
  reader.se(); // offset_for_top_to_bottom_field
  const cycle = reader.ue();
  for (let i = 0; i < cycle; i++) reader.se();
}
