// What the depacketizers for H.264 and H.265 share.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace framewell {

// Four bytes before every NAL unit: the first of an access unit needs them (H.264 and H.265, B.1.2), the others may.
inline constexpr std::array<uint8_t, 4> kNalStartCode{0, 0, 0, 1};

// Some cameras put Annex B start codes into RTP payloads, which hold bare NAL units (RFC 6184 section 5.2). Within a
// NAL unit emulation prevention keeps these bytes from occurring, and its header is never zero.
inline std::span<const uint8_t> WithoutStartCode(std::span<const uint8_t> nal) {
  const auto first = std::find_if(nal.begin(), nal.end(), [](uint8_t byte) { return byte != 0; });
  const auto zeros = static_cast<size_t>(first - nal.begin());
  const bool has_code = zeros >= 2 && first != nal.end() && *first == 1;
  return has_code ? nal.subspan(zeros + 1) : nal;
}

// Where the NAL unit under way stands in its fragments.
enum class FragmentState {
  // No fragment is due.
  kNone,
  // The beginning came, the end did not.
  kOpen,
  // The beginning was lost: fragments are passed over until the next unit begins.
  kLost,
};

}  // namespace framewell
