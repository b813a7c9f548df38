// What RTP and RTCP packets look like inside an RTSP connection: '$', channel, 16 bits of length, packet (RFC 2326
// 10.12). A '$' alone says little: it is in every 256th byte of junk.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ingest/rtp/big_endian.h"

namespace framewell {

// What is known of the packets to come.
struct RtspPacketHints {
  // The channels that SETUP agreed on.
  uint8_t rtp_channel = 0;
  uint8_t rtcp_channel = 1;
  // By the SDP.
  std::optional<uint8_t> payload_type = std::nullopt;
  // SSRC of the stream under way; absent until its first packet came.
  std::optional<uint32_t> source = std::nullopt;
};

// Over bytes that begin with '$' and are at least kPrefix many; the packet may be there only in part.
class InterleavedPacket {
 public:
  static constexpr size_t kPrefix = 4;
  // RFC 3550 5.1.
  static constexpr size_t kRtpHeader = 12;
  // RFC 3550 6.4.1: the shortest RTCP packet.
  static constexpr size_t kRtcpHeader = 8;

  explicit InterleavedPacket(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint8_t channel() const { return bytes_[1]; }
  bool IsOnChannel(const RtspPacketHints& hints) const {
    return channel() == hints.rtp_channel || channel() == hints.rtcp_channel;
  }
  // With the prefix.
  size_t size() const { return kPrefix + ReadU16(bytes_, 2); }
  // So many bytes tell what it is.
  size_t telling_size() const { return std::min(size(), kPrefix + kRtpHeader); }

  // All below need telling_size() bytes.

  bool HasRtpVersion() const { return size() >= kPrefix + kRtcpHeader && bytes_[kPrefix] >> 6 == 2; }
  // Of the track that `hints` are about, whatever its source.
  bool IsRtp(const RtspPacketHints& hints) const {
    return channel() == hints.rtp_channel && size() >= kPrefix + kRtpHeader && HasRtpVersion() &&
           (!hints.payload_type || (bytes_[kPrefix + 1] & 0x7f) == *hints.payload_type);
  }
  // RFC 3550 6.1 and appendix A.2: begins with a report, whose words the packet has room for.
  bool IsRtcp(const RtspPacketHints& hints) const {
    return channel() == hints.rtcp_channel && HasRtpVersion() &&
           (bytes_[kPrefix + 1] == 200 || bytes_[kPrefix + 1] == 201) &&
           kPrefix + 4 * (size_t{1} + ReadU16(bytes_, kPrefix + 2)) <= size();
  }
  // Of the stream under way for certain: by chance one place in 10^14 of junk looks like it.
  bool IsOfSource(const RtspPacketHints& hints) const {
    return (IsRtp(hints) && ReadU32(bytes_, kPrefix + 8) == hints.source) ||
           (IsRtcp(hints) && ReadU32(bytes_, kPrefix + 4) == hints.source);
  }

 private:
  std::span<const uint8_t> bytes_;
};

}  // namespace framewell
