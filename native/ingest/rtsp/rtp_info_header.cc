#include "ingest/rtsp/rtp_info_header.h"

#include "ingest/rtsp/text.h"

namespace framewell {

std::vector<RtpInfo> ParseRtpInfo(std::string_view value) {
  std::vector<RtpInfo> streams;
  while (!value.empty()) {
    std::string_view stream = TakeUntil(value, ',');
    RtpInfo info;
    while (!stream.empty()) {
      // Only the first '=' parts: URLs have queries.
      const auto [name, parameter] = SplitFirst(Trim(TakeUntil(stream, ';')), '=');
      if (EqualsIgnoreCase(name, "url")) info.url = Trim(parameter);
      if (EqualsIgnoreCase(name, "seq")) info.sequence = ParseUnsigned<uint16_t>(parameter);
      if (EqualsIgnoreCase(name, "rtptime")) info.timestamp = ParseUnsigned<uint32_t>(parameter);
    }
    streams.push_back(std::move(info));
  }
  return streams;
}

}  // namespace framewell
