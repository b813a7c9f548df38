#include "fuzz_support.h"
#include "ingest/rtsp/rtsp_message.h"

using namespace framewell;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto message = ParseRtspMessage({data, size});
  if (!message) return 0;
  if (const auto* request = std::get_if<RtspRequest>(&*message)) {
    FormatRtspRequest(*request);
    CSeqOf(request->headers);
    return 0;
  }
  // What was read can be written and read again.
  const auto& response = std::get<RtspResponse>(*message);
  const std::string text = FormatRtspResponse(response);
  const auto again = ParseRtspMessage({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  Require(again && std::get<RtspResponse>(*again).status == response.status);
  return 0;
}
