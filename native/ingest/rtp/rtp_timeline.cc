#include "ingest/rtp/rtp_timeline.h"

#include <algorithm>
#include <cstdlib>

namespace framewell {

int64_t RtpTimeline::ToPtsUs(uint32_t timestamp, int64_t arrival_monotonic_us) {
  if (origin_known_ && timestamp == timestamp_) {
    arrival_us_ = arrival_monotonic_us;
    return pts_us_;
  }
  if (origin_known_) {
    const auto step = static_cast<int32_t>(timestamp - timestamp_);
    const int64_t step_us = ToUs(step);
    const int64_t passed_us = arrival_monotonic_us - arrival_us_;
    // Both are asked: a network that stalled brings small steps late, a time lapse makes large steps in time.
    const bool plausible = std::abs(step_us) <= kMaxStepUs || std::abs(step_us - passed_us) <= kMaxStepUs;
    const bool falls_back = ToUs(highest_ticks_ - (ticks_ + step)) > kMaxReorderUs;
    if (plausible && !falls_back) {
      ticks_ += step;
    } else {
      Restamp(arrival_monotonic_us);
    }
  } else if (started_) {
    Restamp(arrival_monotonic_us);
  }
  started_ = true;
  origin_known_ = true;
  timestamp_ = timestamp;
  arrival_us_ = arrival_monotonic_us;
  highest_ticks_ = std::max(highest_ticks_, ticks_);
  pts_us_ = ToUs(ticks_);
  return pts_us_;
}

void RtpTimeline::Restamp(int64_t arrival_monotonic_us) {
  const int64_t passed_us = std::max<int64_t>(arrival_monotonic_us - arrival_us_, 0);
  const int64_t passed_ticks = passed_us / 1'000'000 * clock_rate_ + passed_us % 1'000'000 * clock_rate_ / 1'000'000;
  ticks_ = highest_ticks_ + std::max<int64_t>(passed_ticks, 1);
  ++restamps_;
}

// Rounded to the nearest, without leaving 64 bits on the way.
int64_t RtpTimeline::ToUs(int64_t ticks) const {
  const int64_t rate = clock_rate_;
  const int64_t rest = ticks % rate * 1'000'000;
  return ticks / rate * 1'000'000 + (rest + (rest < 0 ? -rate : rate) / 2) / rate;
}

}  // namespace framewell
