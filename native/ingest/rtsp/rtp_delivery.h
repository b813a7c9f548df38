// How a track's packets reach us: what SETUP asked for and what the camera made of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "ingest/rtsp/sdp.h"
#include "ingest/rtsp/transport_header.h"

namespace framewell {

// Inside the RTSP connection (RFC 2326 10.12).
struct InterleavedDelivery {
  uint8_t rtp_channel = 0;
  uint8_t rtcp_channel = 1;
};

struct UdpDelivery {
  // Numeric address that the camera says it sends from; empty when it does not: then that of the RTSP connection.
  std::string source;
  // The camera's, to punch holes to; 0 when it does not say.
  RtpPortPair server_ports;
};

struct MulticastDelivery {
  // Numeric address of the group.
  std::string group;
  RtpPortPair ports;
  // 0 when not said.
  uint8_t ttl = 0;
  // Numeric address of the sender; empty when not said.
  std::string source;
};

using RtpDelivery = std::variant<InterleavedDelivery, UdpDelivery, MulticastDelivery>;

// Reads the camera's answer to SETUP. `asked` and `ports` are what FormatTransportRequest() got; what the answer leaves
// out is taken as asked. Nothing when the camera chose another transport.
std::optional<RtpDelivery> AgreeDelivery(RtspTransport asked, RtpPortPair ports, const TransportHeader& answer,
                                         const SdpVideoTrack& track);

}  // namespace framewell
