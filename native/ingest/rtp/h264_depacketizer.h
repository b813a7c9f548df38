// H.264 in RTP (RFC 6184), single NAL unit mode and non-interleaved mode.
#pragma once

#include "ingest/rtp/depacketizer.h"
#include "ingest/rtp/nal_unit.h"

namespace framewell {

// Single NAL units, STAP-A and FU-A, whatever the packetization mode in the SDP says. STAP-B, MTAP and FU-B belong to
// the interleaved mode, which no camera is known to use, and are declined.
class H264Depacketizer final : public Depacketizer {
 public:
  PayloadVerdict Push(const RtpPacket& packet, AccessUnitBuilder& unit) override;
  void OnGap() override { fragment_ = FragmentState::kLost; }

 private:
  PayloadVerdict PushAggregate(std::span<const uint8_t> nals, AccessUnitBuilder& unit);
  PayloadVerdict PushFragment(std::span<const uint8_t> payload, AccessUnitBuilder& unit);
  PayloadVerdict PushNal(std::span<const uint8_t> nal, AccessUnitBuilder& unit);
  // `body` is what is known of the NAL unit behind its header.
  PayloadVerdict StartNal(uint8_t header, std::span<const uint8_t> body, AccessUnitBuilder& unit);
  void EndNal(AccessUnitBuilder& unit);

  FragmentState fragment_ = FragmentState::kLost;
  uint8_t nal_type_ = 0;
};

}  // namespace framewell
