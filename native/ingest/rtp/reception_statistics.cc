#include "ingest/rtp/reception_statistics.h"

#include <algorithm>

namespace framewell {

void ReceptionStatistics::Begin(uint32_t ssrc, uint16_t first_sequence) {
  *this = ReceptionStatistics(clock_rate_);
  ssrc_ = ssrc;
  base_sequence_ = first_sequence;
  highest_sequence_ = first_sequence;
}

void ReceptionStatistics::OnPacket(uint16_t sequence, uint32_t timestamp, int64_t arrival_monotonic_us) {
  ++received_;
  const auto step = static_cast<int16_t>(sequence - static_cast<uint16_t>(highest_sequence_));
  if (step > 0) highest_sequence_ += step;

  // Appendix A.8, with the arrival in ticks of the RTP clock. All of it wraps as timestamps do.
  const auto arrival = static_cast<uint32_t>(static_cast<uint64_t>(arrival_monotonic_us) * clock_rate_ / 1'000'000);
  const uint32_t transit = arrival - timestamp;
  if (transit_known_) {
    const auto change = static_cast<int32_t>(transit - transit_);
    // A jump of the camera's clock is not jitter; cut so that jitter_q4_ holds 16 times the value.
    constexpr int64_t kMaxChange = 1 << 27;
    const auto distance = static_cast<uint32_t>(std::min(std::abs(int64_t{change}), kMaxChange));
    jitter_q4_ += distance - ((jitter_q4_ + 8) >> 4);
  }
  transit_ = transit;
  transit_known_ = true;
}

void ReceptionStatistics::OnSenderReport(const SenderReport& report, int64_t arrival_monotonic_us) {
  last_report_ = static_cast<uint32_t>(report.ntp_time >> 16);
  last_report_arrival_us_ = arrival_monotonic_us;
}

// Appendix A.3.
ReceptionReport ReceptionStatistics::TakeReport(int64_t now_monotonic_us) {
  const uint64_t expected = highest_sequence_ - base_sequence_ + 1;
  const auto expected_since = static_cast<int64_t>(expected - reported_expected_);
  const auto lost_since = expected_since - static_cast<int64_t>(received_ - reported_received_);
  reported_expected_ = expected;
  reported_received_ = received_;

  ReceptionReport report;
  report.ssrc = ssrc_;
  if (lost_since > 0) {
    report.fraction_lost = static_cast<uint8_t>(std::min<int64_t>(lost_since * 256 / expected_since, 255));
  }
  const int64_t lost = static_cast<int64_t>(expected) - static_cast<int64_t>(received_);
  report.cumulative_lost = static_cast<int32_t>(std::clamp<int64_t>(lost, -0x80'0000, 0x7f'ffff));
  report.highest_sequence = static_cast<uint32_t>(highest_sequence_);
  report.jitter = jitter();
  report.last_sender_report = last_report_;
  if (last_report_ != 0) {
    const auto delay = static_cast<uint64_t>(now_monotonic_us - last_report_arrival_us_);
    report.delay_since_last_sender_report = static_cast<uint32_t>(delay * 65'536 / 1'000'000);
  }
  return report;
}

}  // namespace framewell
