// H.265 in RTP (RFC 7798).
#pragma once

#include <array>

#include "ingest/rtp/depacketizer.h"
#include "ingest/rtp/nal_unit.h"

namespace framewell {

// Single NAL units, aggregation packets and fragmentation units. Decoding order numbers, where the SDP announces them,
// are passed over: units that are sent out of decoding order are not sorted. PACI packets are declined.
class H265Depacketizer final : public Depacketizer {
 public:
  explicit H265Depacketizer(bool has_decoding_order_numbers)
      : order_number_bytes_(has_decoding_order_numbers ? 2 : 0) {}

  PayloadVerdict Push(const RtpPacket& packet, AccessUnitBuilder& unit) override;
  void OnGap() override { fragment_ = FragmentState::kLost; }

 private:
  using Header = std::array<uint8_t, 2>;

  PayloadVerdict PushAggregate(std::span<const uint8_t> nals, AccessUnitBuilder& unit);
  PayloadVerdict PushFragment(std::span<const uint8_t> payload, AccessUnitBuilder& unit);
  PayloadVerdict PushNal(Header header, std::span<const uint8_t> body, AccessUnitBuilder& unit);
  // `body` is what is known of the NAL unit behind its header.
  PayloadVerdict StartNal(Header header, std::span<const uint8_t> body, AccessUnitBuilder& unit);
  void EndNal(AccessUnitBuilder& unit);

  const size_t order_number_bytes_;
  FragmentState fragment_ = FragmentState::kLost;
  uint8_t nal_type_ = 0;
};

}  // namespace framewell
