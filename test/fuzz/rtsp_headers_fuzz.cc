#include "fuzz_support.h"
#include "ingest/rtsp/rtp_delivery.h"
#include "ingest/rtsp/rtp_info_header.h"
#include "ingest/rtsp/session_header.h"

using namespace framewell;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = Text(data, size);
  ParseRtpInfo(text);
  if (const auto session = ParseSessionHeader(text)) Require(!session->id.empty());
  const TransportHeader transport = ParseTransportHeader(text);
  for (const auto asked : {RtspTransport::kTcp, RtspTransport::kUdp, RtspTransport::kMulticast}) {
    const auto delivery = AgreeDelivery(asked, {0, 1}, transport, {});
    if (!delivery) continue;
    if (const auto* multicast = std::get_if<MulticastDelivery>(&*delivery)) {
      Require(!multicast->group.empty() && multicast->ports.rtp != 0);
    }
  }
  return 0;
}
