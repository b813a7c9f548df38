// The RTP-Info header (RFC 2326 12.33).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace framewell {

// What PLAY says of one stream's first packet.
struct RtpInfo {
  // Absolute or as in a=control.
  std::string url;
  std::optional<uint16_t> sequence;
  std::optional<uint32_t> timestamp;
};

std::vector<RtpInfo> ParseRtpInfo(std::string_view value);

}  // namespace framewell
