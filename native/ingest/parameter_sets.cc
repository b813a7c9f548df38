#include "ingest/parameter_sets.h"

#include <array>

#include "ingest/annex_b.h"

namespace framewell {
namespace {

constexpr std::array<uint8_t, 4> kStartCode{0, 0, 0, 1};
// A VPS, SPS and PPS are some hundred bytes together; a stream that sends more is not to fill the memory.
constexpr size_t kMaxBytes = 64 * 1024;

}  // namespace

ParameterSets::NalKind ParameterSets::Kind(uint8_t header) const {
  if (codec_ == AV_CODEC_ID_H264) {
    const int type = header & 0x1f;  // H.264 table 7-1: 7 SPS, 8 PPS, 1 to 5 slices.
    if (type == 7) return NalKind::kSequenceSet;
    if (type == 8) return NalKind::kPictureSet;
    return type >= 1 && type <= 5 ? NalKind::kSlice : NalKind::kOther;
  }
  const int type = (header >> 1) & 0x3f;  // H.265 table 7-1: 32 VPS, 33 SPS, 34 PPS, below 32 slices.
  if (type == 32 || type == 33) return NalKind::kSequenceSet;
  if (type == 34) return NalKind::kPictureSet;
  return type < 32 ? NalKind::kSlice : NalKind::kOther;
}

ParameterSets::Found ParameterSets::Observe(std::span<const uint8_t> unit) {
  Found found;
  if (codec_ != AV_CODEC_ID_H264 && codec_ != AV_CODEC_ID_HEVC) {
    found.picture = true;
    return found;
  }
  AnnexBReader reader(unit);
  while (const auto header = reader.Header()) {
    const NalKind kind = Kind(*header);
    if (kind == NalKind::kSlice) {
      // Parameter sets come before the first slice: the rest, nearly all bytes, need not be searched.
      found.picture = true;
      break;
    }
    const auto nal = reader.Take();
    if (kind == NalKind::kOther) continue;
    if (kind == NalKind::kSequenceSet && !found.sequence_set) {
      bytes_.clear();
      found.sequence_set = true;
    }
    if (bytes_.size() + kStartCode.size() + nal.size() > kMaxBytes) continue;
    bytes_.insert(bytes_.end(), kStartCode.begin(), kStartCode.end());
    bytes_.insert(bytes_.end(), nal.begin(), nal.end());
  }
  return found;
}

}  // namespace framewell
