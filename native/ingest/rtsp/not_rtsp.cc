#include "ingest/rtsp/not_rtsp.h"

#include <algorithm>
#include <array>
#include <string>

namespace framewell {
namespace {

struct Protocol {
  std::string_view beginning;
  std::string_view name;
};

constexpr std::array<Protocol, 4> kProtocols{{
    {"HTTP/", "HTTP"},  // RFC 9112 section 4.
    {"SSH-", "SSH"},    // RFC 4253 section 4.2.
    // RFC 8446 sections 5.1 and 6: an alert, which is what a request in the clear gets; every version begins with 3.
    {"\x15\x03", "TLS, which is what rtsps:// is for"},
    {"220 ", "FTP or SMTP"},  // RFC 959 section 5.4, RFC 5321 section 3.1.
}};

static_assert(std::all_of(kProtocols.begin(), kProtocols.end(),
                          [](const Protocol& each) { return each.beginning.size() <= kTellingProtocolBytes; }));

EngineError Cause(const std::string& message) { return {"ERR_RTSP_PROTOCOL", message}; }

EngineError TooLarge(const char* what, size_t bound) {
  return Cause(std::string("Expected ") + what + " of at most " + std::to_string(bound) +
               " bytes but the camera's is larger");
}

}  // namespace

std::optional<EngineError> WhyNotRtsp(const RtspElement& junk, std::string_view first_bytes) {
  switch (junk.outgrown) {
    case RtspElement::Outgrown::kHead:
      return TooLarge("an RTSP header", RtspFramer::kMaxHead);
    case RtspElement::Outgrown::kBody:
      return TooLarge("an SDP", RtspFramer::kMaxBody);
    case RtspElement::Outgrown::kNone:
      break;
  }
  for (const Protocol& protocol : kProtocols) {
    if (first_bytes.starts_with(protocol.beginning)) {
      return Cause("Expected RTSP at this port but the server answers " + std::string(protocol.name));
    }
  }
  return std::nullopt;
}

}  // namespace framewell
