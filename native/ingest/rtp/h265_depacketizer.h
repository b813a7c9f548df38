// H.265 in RTP (RFC 7798).
#pragma once

#include "ingest/rtp/nal_depacketizer.h"

namespace framewell {

// Single NAL units, aggregation packets and fragmentation units. Decoding order numbers, where the SDP announces them,
// are passed over: units that are sent out of decoding order are not sorted. PACI packets are declined.
class H265Depacketizer final : public NalDepacketizer {
 public:
  explicit H265Depacketizer(bool has_decoding_order_numbers)
      : NalDepacketizer(kHeaderBytes), order_number_bytes_(has_decoding_order_numbers ? 2 : 0) {}

  PayloadVerdict Push(const RtpPacket& packet, AccessUnitBuilder& unit) override;

 private:
  static constexpr size_t kHeaderBytes = 2;

  PayloadVerdict PushAggregate(std::span<const uint8_t> nals, AccessUnitBuilder& unit);
  PayloadVerdict PushFragmentationUnit(std::span<const uint8_t> payload, AccessUnitBuilder& unit);
  PayloadVerdict StartNal(std::span<const uint8_t> header, std::span<const uint8_t> body,
                          AccessUnitBuilder& unit) override;
  void ExamineNal(AccessUnitBuilder& unit) override;

  const size_t order_number_bytes_;
  uint8_t nal_type_ = 0;
};

}  // namespace framewell
