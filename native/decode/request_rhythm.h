// Whether a warm decoder may leave units undecoded until its next request is due.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace framewell {

// Who asks once a second wants one picture of 25. Decoding them all as they come finds the caches cold each time, and
// does the end of each group for nothing where the next keyframe comes before the next request. So the units wait, and
// are decoded at one go shortly before they are wanted. A request that comes earlier than those before it waits for
// that, at most as long as for a cold decoder.
//
// Guarded by its owner.
class RequestRhythm {
 public:
  using Clock = std::chrono::steady_clock;

  void Asked(Clock::time_point now) {
    gap_before_ = gap_;
    gap_ = asked_ ? now - *asked_ : Clock::duration{};
    asked_ = now;
  }

  // The decoder took so long for a unit.
  void Decoded(Clock::duration took) { decode_time_ = std::max(took, decode_time_ - decode_time_ / 8); }

  // The next requests begin another rhythm.
  void Forget() { *this = {}; }

  // Whether `units` can be decoded later and in time for the next request.
  bool CanWait(Clock::time_point now, int64_t units) const {
    // Several who ask in turns leave unequal gaps.
    const Clock::duration gap = std::min(gap_, gap_before_);
    return asked_ && now + kHeadStart + 2 * units * decode_time_ < *asked_ + gap;
  }

 private:
  // Requests are not quite regular, and the work pool has other cameras.
  static constexpr std::chrono::milliseconds kHeadStart{80};

  std::optional<Clock::time_point> asked_;
  // Zero until there have been two requests, and three.
  Clock::duration gap_{};
  Clock::duration gap_before_{};
  // The longest of late.
  Clock::duration decode_time_{};
};

}  // namespace framewell
