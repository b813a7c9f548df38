// The Transport header (RFC 2326 12.39).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace framewell {

// How packets come: the answer to CAMERA_TRANSPORT_n.
enum class RtspTransport : uint8_t { kTcp, kUdp, kMulticast };

// For people.
const char* NameOf(RtspTransport transport);

// Ports, or channels of the RTSP connection.
struct RtpPortPair {
  uint16_t rtp = 0;
  uint16_t rtcp = 0;

  bool operator==(const RtpPortPair&) const = default;
};

// What of a transport specification is said; nothing where a parameter is missing or makes no sense.
struct TransportHeader {
  bool tcp = false;
  bool multicast = false;
  std::optional<RtpPortPair> interleaved;
  std::optional<RtpPortPair> client_port;
  std::optional<RtpPortPair> server_port;
  // Of multicast.
  std::optional<RtpPortPair> port;
  std::optional<uint8_t> ttl;
  // As written: an address, a name or nonsense.
  std::string source;
  std::string destination;
  std::optional<uint32_t> ssrc;
};

// The first specification in `value`.
TransportHeader ParseTransportHeader(std::string_view value);

// What SETUP asks for. `ports` are the channels for TCP and our own ports for UDP; multicast has none.
std::string FormatTransportRequest(RtspTransport transport, RtpPortPair ports);

}  // namespace framewell
