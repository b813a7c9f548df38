// H.264 in RTP (RFC 6184), single NAL unit mode and non-interleaved mode.
#pragma once

#include "ingest/rtp/nal_depacketizer.h"

namespace framewell {

// Single NAL units, STAP-A and FU-A, whatever the packetization mode in the SDP says. STAP-B, MTAP and FU-B belong to
// the interleaved mode, which no camera is known to use, and are declined.
class H264Depacketizer final : public NalDepacketizer {
 public:
  H264Depacketizer() : NalDepacketizer(1) {}

  PayloadVerdict Push(const RtpPacket& packet, AccessUnitBuilder& unit) override;

 private:
  PayloadVerdict PushAggregate(std::span<const uint8_t> nals, AccessUnitBuilder& unit);
  PayloadVerdict PushBareNal(std::span<const uint8_t> nal, AccessUnitBuilder& unit);
  PayloadVerdict StartNal(std::span<const uint8_t> header, std::span<const uint8_t> body,
                          AccessUnitBuilder& unit) override;
  void ExamineNal(AccessUnitBuilder& unit) override;

  uint8_t nal_type_ = 0;
};

}  // namespace framewell
