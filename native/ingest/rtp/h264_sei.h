// The one SEI message that tells where decoding can start.
#pragma once

#include <cstdint>
#include <span>

namespace framewell {

// True when the SEI NAL unit (header included) has a recovery point message (H.264 D.1.8), which encoders with periodic
// intra refresh or open groups of pictures send instead of IDR pictures.
bool HasRecoveryPoint(std::span<const uint8_t> sei_nal);

}  // namespace framewell
