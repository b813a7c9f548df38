// Frames and bits a second over the newest access units.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace framewell {

// A window of the newest kWindow units: long enough that one large keyframe does not swing the bit rate.
// Not thread-safe.
class RateMeter {
 public:
  void Add(int64_t pts_us, int64_t received_unix_us, size_t bytes) {
    samples_[count_ % kWindow] = {pts_us, received_unix_us, bytes};
    ++count_;
  }

  // By presentation times, so that network jitter does not show. 0 until two units came.
  double FramesPerSecond() const {
    const size_t size = Size();
    if (size < 2) return 0;
    // With B-frames the newest unit is not the one that is shown last: take the extremes.
    const auto [first, last] =
        std::minmax_element(samples_.begin(), samples_.begin() + size,
                            [](const Sample& a, const Sample& b) { return a.pts_us < b.pts_us; });
    return PerSecond(static_cast<double>(size - 1), last->pts_us - first->pts_us);
  }

  double BitsPerSecond() const {
    const size_t size = Size();
    if (size < 2) return 0;
    const Sample& oldest = samples_[count_ <= kWindow ? 0 : count_ % kWindow];
    const Sample& newest = samples_[(count_ - 1) % kWindow];
    size_t bytes = 0;
    for (size_t i = 0; i < size; ++i) bytes += samples_[i].bytes;
    // The oldest unit only opens the interval.
    return PerSecond(8.0 * static_cast<double>(bytes - oldest.bytes),
                     newest.received_unix_us - oldest.received_unix_us);
  }

 private:
  struct Sample {
    int64_t pts_us = 0;
    int64_t received_unix_us = 0;
    size_t bytes = 0;
  };
  static constexpr size_t kWindow = 128;

  size_t Size() const { return std::min(count_, kWindow); }
  static double PerSecond(double amount, int64_t span_us) {
    return span_us > 0 ? amount * 1e6 / static_cast<double>(span_us) : 0;
  }

  std::array<Sample, kWindow> samples_{};
  size_t count_ = 0;
};

}  // namespace framewell
