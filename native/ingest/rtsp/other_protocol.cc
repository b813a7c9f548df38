#include "ingest/rtsp/other_protocol.h"

#include <algorithm>
#include <array>

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

}  // namespace

std::optional<std::string_view> NameOtherProtocol(std::string_view first_bytes) {
  for (const Protocol& protocol : kProtocols) {
    if (first_bytes.starts_with(protocol.beginning)) return protocol.name;
  }
  return std::nullopt;
}

}  // namespace framewell
