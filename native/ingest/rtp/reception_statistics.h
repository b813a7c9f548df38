// What a receiver report says about a source (RFC 3550 section 6.4.1, appendices A.3 and A.8).
#pragma once

#include <cstdint>

#include "ingest/rtp/rtcp.h"

namespace framewell {

// Counts for one source. Not thread-safe.
class ReceptionStatistics {
 public:
  explicit ReceptionStatistics(uint32_t clock_rate) : clock_rate_(clock_rate) {}

  // A new source, whose first packet has this number.
  void Begin(uint32_t ssrc, uint16_t first_sequence);
  // Any packet of the source, in the order of arrival.
  void OnPacket(uint16_t sequence, uint32_t timestamp, int64_t arrival_monotonic_us);
  void OnSenderReport(const SenderReport& report, int64_t arrival_monotonic_us);

  // The report block that is due now. The fraction lost counts from the block before.
  ReceptionReport TakeReport(int64_t now_monotonic_us);

  // Interarrival jitter in ticks of the RTP clock.
  uint32_t jitter() const { return jitter_q4_ >> 4; }

 private:
  uint32_t clock_rate_;
  uint32_t ssrc_ = 0;
  uint64_t base_sequence_ = 0;
  uint64_t highest_sequence_ = 0;  // Extended by the count of wraps.
  uint64_t received_ = 0;
  uint64_t reported_expected_ = 0;
  uint64_t reported_received_ = 0;
  bool transit_known_ = false;
  uint32_t transit_ = 0;
  // Times 16, as in appendix A.8.
  uint32_t jitter_q4_ = 0;
  // Middle 32 bits of the last sender report's NTP time; 0 when none came.
  uint32_t last_report_ = 0;
  int64_t last_report_arrival_us_ = 0;
};

}  // namespace framewell
