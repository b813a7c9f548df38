// NAL units in an Annex B byte stream (H.264 and H.265, annex B of both).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace framewell {

// Walks over the NAL units of a stream. The header of a unit can be looked at before its end is searched for, so a
// caller that stops at the first slice touches a few dozen bytes of an access unit.
class AnnexBReader {
 public:
  explicit AnnexBReader(std::span<const uint8_t> stream) : rest_(stream) { SkipToCode(); }

  // First byte of the unit under the cursor; nothing at the end of the stream.
  std::optional<uint8_t> Header() const {
    return rest_.size() > kStartCode.size() ? std::optional(rest_[kStartCode.size()]) : std::nullopt;
  }

  // The unit under the cursor without its start code (may be empty); moves on. Needs Header().
  std::span<const uint8_t> Take() {
    std::span<const uint8_t> nal = rest_.subspan(kStartCode.size());
    rest_ = nal;
    SkipToCode();
    nal = nal.first(nal.size() - rest_.size());
    // zero_byte of a four-byte start code and trailing_zero_8bits belong to no NAL unit.
    while (!nal.empty() && nal.back() == 0) nal = nal.first(nal.size() - 1);
    return nal;
  }

 private:
  static constexpr std::array<uint8_t, 3> kStartCode{0, 0, 1};

  void SkipToCode() {
    const auto code = std::search(rest_.begin(), rest_.end(), kStartCode.begin(), kStartCode.end());
    rest_ = rest_.subspan(code - rest_.begin());
  }

  // Begins with a start code, or is empty.
  std::span<const uint8_t> rest_;
};

}  // namespace framewell
