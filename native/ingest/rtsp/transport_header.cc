#include "ingest/rtsp/transport_header.h"

#include "ingest/rtsp/text.h"

namespace framewell {
namespace {

// "5000-5001", or "5000" for both: RTCP is one above (RFC 3550 11).
std::optional<RtpPortPair> ParsePair(std::string_view text, uint16_t largest) {
  const auto [first, second] = SplitFirst(text, '-');
  const auto rtp = ParseUnsigned<uint16_t>(first);
  if (!rtp || *rtp >= largest) return std::nullopt;
  const auto rtcp = ParseUnsigned<uint16_t>(second);
  const auto above = static_cast<uint16_t>(*rtp + 1);
  return RtpPortPair{*rtp, rtcp && *rtcp <= largest ? *rtcp : above};
}

// RFC 2326 12.39 has eight hexadecimal digits; cameras drop leading zeros and put "0x" or a space before.
std::optional<uint32_t> ParseSsrc(std::string_view text) {
  text = Trim(text);
  if (StartsWithIgnoreCase(text, "0x")) text.remove_prefix(2);
  return ParseUnsigned<uint32_t>(text, 16);
}

void SetParameter(TransportHeader& header, std::string_view name, std::string_view value) {
  constexpr uint16_t kLargestChannel = 255;
  constexpr uint16_t kLargestPort = 65535;
  if (EqualsIgnoreCase(name, "multicast")) {
    header.multicast = true;
  } else if (EqualsIgnoreCase(name, "interleaved")) {
    header.interleaved = ParsePair(value, kLargestChannel);
  } else if (EqualsIgnoreCase(name, "client_port")) {
    header.client_port = ParsePair(value, kLargestPort);
  } else if (EqualsIgnoreCase(name, "server_port")) {
    header.server_port = ParsePair(value, kLargestPort);
  } else if (EqualsIgnoreCase(name, "port")) {
    header.port = ParsePair(value, kLargestPort);
  } else if (EqualsIgnoreCase(name, "ttl")) {
    header.ttl = ParseUnsigned<uint8_t>(value);
  } else if (EqualsIgnoreCase(name, "source")) {
    header.source = value;
  } else if (EqualsIgnoreCase(name, "destination")) {
    header.destination = value;
  } else if (EqualsIgnoreCase(name, "ssrc")) {
    header.ssrc = ParseSsrc(value);
  }
}

}  // namespace

const char* NameOf(RtspTransport transport) {
  switch (transport) {
    case RtspTransport::kTcp:
      return "TCP";
    case RtspTransport::kUdp:
      return "UDP";
    case RtspTransport::kMulticast:
      break;
  }
  return "multicast";
}

TransportHeader ParseTransportHeader(std::string_view value) {
  TransportHeader header;
  std::string_view rest = TakeUntil(value, ',');
  header.tcp = EqualsIgnoreCase(Trim(TakeUntil(rest, ';')), "RTP/AVP/TCP");
  while (!rest.empty()) {
    const auto [name, parameter] = SplitFirst(TakeUntil(rest, ';'), '=');
    SetParameter(header, Trim(name), Trim(parameter));
  }
  return header;
}

std::string FormatTransportRequest(RtspTransport transport, RtpPortPair ports) {
  const std::string pair = std::to_string(ports.rtp) + '-' + std::to_string(ports.rtcp);
  switch (transport) {
    case RtspTransport::kTcp:
      return "RTP/AVP/TCP;unicast;interleaved=" + pair;
    case RtspTransport::kUdp:
      return "RTP/AVP;unicast;client_port=" + pair;
    case RtspTransport::kMulticast:
      break;
  }
  return "RTP/AVP;multicast";
}

}  // namespace framewell
