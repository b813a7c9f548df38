#include "ingest/rtsp/rtp_delivery.h"

#include <arpa/inet.h>

#include <array>

namespace framewell {
namespace {

// `text` when it is a numeric address that says something: cameras also write names, 0.0.0.0 and nothing at all.
std::string NumericAddress(const std::string& text) {
  std::array<uint8_t, sizeof(in6_addr)> address{};
  const bool numeric =
      inet_pton(AF_INET, text.c_str(), address.data()) == 1 || inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
  return numeric && address != decltype(address){} ? text : std::string();
}

bool IsMulticast(const std::string& text) {
  std::array<uint8_t, sizeof(in6_addr)> address{};
  // RFC 5771: 224.0.0.0/4; RFC 4291 2.7: ff00::/8.
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) return address[0] >> 4 == 0xe;
  return inet_pton(AF_INET6, text.c_str(), address.data()) == 1 && address[0] == 0xff;
}

std::optional<RtpDelivery> AgreeInterleaved(RtpPortPair asked, const TransportHeader& answer) {
  const bool udp = answer.multicast || answer.client_port || answer.server_port;
  if (!answer.interleaved && !answer.tcp && udp) return std::nullopt;
  const RtpPortPair channels = answer.interleaved.value_or(asked);
  return InterleavedDelivery{static_cast<uint8_t>(channels.rtp), static_cast<uint8_t>(channels.rtcp)};
}

std::optional<RtpDelivery> AgreeUdp(const TransportHeader& answer) {
  if (answer.tcp || answer.interleaved || answer.multicast) return std::nullopt;
  return UdpDelivery{NumericAddress(answer.source), answer.server_port.value_or(RtpPortPair{})};
}

// RFC 2326 12.39 has the group in `destination` and the ports in `port`. Cameras that leave them out mean those of the
// SDP (RFC 2326 C.1.2), and some put the ports where those of unicast stand.
std::optional<RtpDelivery> AgreeMulticast(const TransportHeader& answer, const SdpVideoTrack& track) {
  MulticastDelivery delivery;
  const SdpConnection described = track.connection.value_or(SdpConnection{});
  delivery.group = IsMulticast(answer.destination) ? answer.destination : described.address;
  delivery.ttl = answer.ttl.value_or(described.ttl);
  delivery.source = NumericAddress(answer.source);
  const RtpPortPair described_ports{track.port, static_cast<uint16_t>(track.port + 1)};
  const auto other_ports = answer.client_port ? answer.client_port : answer.server_port;
  delivery.ports = answer.port.value_or(other_ports.value_or(described_ports));
  if (!IsMulticast(delivery.group) || delivery.ports.rtp == 0) return std::nullopt;
  return delivery;
}

}  // namespace

std::optional<RtpDelivery> AgreeDelivery(RtspTransport asked, RtpPortPair ports, const TransportHeader& answer,
                                         const SdpVideoTrack& track) {
  switch (asked) {
    case RtspTransport::kTcp:
      return AgreeInterleaved(ports, answer);
    case RtspTransport::kUdp:
      return AgreeUdp(answer);
    case RtspTransport::kMulticast:
      break;
  }
  return AgreeMulticast(answer, track);
}

}  // namespace framewell
