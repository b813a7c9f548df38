// MPEG-4 part 2 in RTP (RFC 6416, MP4V-ES).
#pragma once

#include <vector>

#include "ingest/rtp/depacketizer.h"

namespace framewell {

// The payload is the elementary stream itself, cut anywhere; what begins (headers, a VOP) begins at the start of a
// packet (section 5.2). The configuration of the SDP is put before each intra picture that does not bring its own.
class Mpeg4Depacketizer final : public Depacketizer {
 public:
  explicit Mpeg4Depacketizer(std::vector<uint8_t> config) : config_(std::move(config)) {}

  PayloadVerdict Push(const RtpPacket& packet, AccessUnitBuilder& unit) override;
  void OnGap() override {
    in_headers_ = false;
    layer_in_unit_ = false;
  }

 private:
  const std::vector<uint8_t> config_;
  // The packet before began with headers and no VOP followed in it.
  bool in_headers_ = false;
  // The unit under way brings a video object layer, which is what `config_` is for.
  bool layer_in_unit_ = false;
};

}  // namespace framewell
