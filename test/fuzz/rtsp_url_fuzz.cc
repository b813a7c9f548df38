#include "fuzz_support.h"
#include "ingest/rtsp/rtsp_message.h"
#include "ingest/rtsp/rtsp_url.h"

using namespace framewell;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = Text(data, size);
  if (const auto url = RtspUrl::Parse(text)) {
    Require(!url->host.empty() && url->port != 0);
    // Without credentials it is the same place.
    const auto again = RtspUrl::Parse(url->uri);
    Require(again && again->credentials.empty() && again->host == url->host && again->port == url->port);
    Require(again->uri == url->uri);
  }
  const auto requested = RtspUrl::Parse("rtsp://user:s3cret@host/live");
  RtspHeaders headers;
  headers.Add("Content-Base", text);
  const std::string base = FindBaseUri(headers, *requested);
  Require(RtspUrl::Parse(base).has_value());
  JoinControl(base, text);
  ResolveRedirect(*requested, text);
  return 0;
}
