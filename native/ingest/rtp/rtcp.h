// RTCP (RFC 3550 section 6): what a receiver of one source needs to read and to say.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace framewell {

// Section 6.4.1, without its report blocks.
struct SenderReport {
  uint32_t ssrc = 0;
  // Seconds since 1900 in 32.32 fixed point: the time at which `rtp_timestamp` was sampled.
  uint64_t ntp_time = 0;
  uint32_t rtp_timestamp = 0;
};

// What one compound packet said.
struct RtcpNews {
  std::optional<SenderReport> sender_report;
  // Section 6.6: a source that leaves.
  std::optional<uint32_t> bye;
};

// Nothing when `bytes` do not begin with a whole RTCP packet; what follows a broken one is ignored. Reports on other
// receivers, SDES, APP and extended reports are passed over. The order of the parts is not checked: cameras send lone
// sender reports and lone BYEs.
std::optional<RtcpNews> ParseRtcp(std::span<const uint8_t> bytes);

// A report block (section 6.4.1), each field as it goes over the wire.
struct ReceptionReport {
  uint32_t ssrc = 0;
  uint8_t fraction_lost = 0;    // Since the report before, in 1/256.
  int32_t cumulative_lost = 0;  // Signed 24 bits; negative when packets were repeated.
  uint32_t highest_sequence = 0;
  uint32_t jitter = 0;
  uint32_t last_sender_report = 0;
  uint32_t delay_since_last_sender_report = 0;  // In 1/65536 s.
};

// Section 6.1: a compound packet of a receiver report and an SDES with the CNAME, and nothing else.
class ReceiverReportPacket {
 public:
  // Longer names are cut (section 6.5: a length of 8 bits).
  static constexpr size_t kMaxCname = 255;

  // Without a block while nothing was received: it still tells the camera that somebody listens.
  ReceiverReportPacket(uint32_t receiver_ssrc, const std::optional<ReceptionReport>& block, std::string_view cname);

  std::span<const uint8_t> bytes() const { return std::span(bytes_).first(size_); }

 private:
  std::array<uint8_t, 8 + 24 + 8 + 2 + kMaxCname + 4> bytes_{};
  size_t size_ = 0;
};

}  // namespace framewell
