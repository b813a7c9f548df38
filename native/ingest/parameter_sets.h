// Keeps a stream's newest parameter sets, so that every keyframe can be decoded on its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ffmpeg_handles.h"

namespace framewell {

// SPS and PPS of H.264; VPS, SPS and PPS of H.265. Cameras send them in the SDP only, once at the start, or
// before each keyframe; a decoder that starts cold at any keyframe needs all of them. Not thread-safe.
class ParameterSets {
 public:
  explicit ParameterSets(AVCodecID codec) : codec_(codec) {}

  struct Found {
    // The unit brings its own SPS.
    bool sequence_set = false;
    // The unit has a coded picture, not parameter sets and such alone. Always true for other codecs.
    bool picture = false;
  };
  // Remembers the parameter sets in `unit` (Annex B). A new SPS replaces all that came before it.
  Found Observe(std::span<const uint8_t> unit);

  // Nothing can be decoded yet: no SPS has come. Never true for other codecs.
  bool missing() const { return bytes_.empty() && (codec_ == AV_CODEC_ID_H264 || codec_ == AV_CODEC_ID_HEVC); }

  // All that is remembered, as Annex B: what has to stand before a keyframe that has no SPS of its own.
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  enum class NalKind { kSequenceSet, kPictureSet, kSlice, kOther };
  NalKind Kind(uint8_t header) const;

  const AVCodecID codec_;
  std::vector<uint8_t> bytes_;
};

}  // namespace framewell
