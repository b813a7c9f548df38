// RTP timestamps as presentation times.
#pragma once

#include <cstdint>

namespace framewell {

// Unwraps the 32 bits and counts from the first timestamp, which is 0. A jump - the camera has set its clock, or its
// encoder began anew - is restamped by the time that passed here, so that the presentation time neither leaps nor falls
// back by more than reordered pictures do. Not thread-safe.
class RtpTimeline {
 public:
  // Pictures of one stream follow each other within this unless as much time has passed here.
  static constexpr int64_t kMaxStepUs = 5'000'000;
  // How far the encoder's reordering (B-pictures) goes back behind the latest picture: 16 pictures at most (H.264 and
  // H.265), and a few in what cameras send.
  static constexpr int64_t kMaxReorderUs = 1'000'000;

  // `clock_rate` is above 0.
  explicit RtpTimeline(uint32_t clock_rate) : clock_rate_(clock_rate) {}

  // Presentation time of `timestamp`, which came in order. Cheap for a timestamp that repeats.
  int64_t ToPtsUs(uint32_t timestamp, int64_t arrival_monotonic_us);
  // The next timestamp has another origin.
  void OnNewSource() { origin_known_ = false; }

  uint64_t restamps() const { return restamps_; }

 private:
  int64_t ToUs(int64_t ticks) const;
  // Goes on from the highest timestamp by the time that passed here.
  void Restamp(int64_t arrival_monotonic_us);

  const uint32_t clock_rate_;
  bool started_ = false;
  bool origin_known_ = false;
  uint32_t timestamp_ = 0;
  // Unwrapped: of timestamp_, and the highest of all.
  int64_t ticks_ = 0;
  int64_t highest_ticks_ = 0;
  int64_t pts_us_ = 0;
  int64_t arrival_us_ = 0;
  uint64_t restamps_ = 0;
};

}  // namespace framewell
