// How long something took, each time: counted in fixed buckets, so that a thousand pictures a second cost nothing.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace framewell {

// Thread-safe without a lock: whoever reads while others add may see a count without its share of the sum.
class TimeHistogram {
 public:
  using Clock = std::chrono::steady_clock;

  // From a small JPEG on a card to a decoder that catches up with a group of 4K pictures; upper bounds, inclusive.
  static constexpr std::array<std::chrono::microseconds, 12> kBounds = {
      std::chrono::microseconds(500),     std::chrono::microseconds(1'000),     std::chrono::microseconds(2'500),
      std::chrono::microseconds(5'000),   std::chrono::microseconds(10'000),    std::chrono::microseconds(25'000),
      std::chrono::microseconds(50'000),  std::chrono::microseconds(100'000),   std::chrono::microseconds(250'000),
      std::chrono::microseconds(500'000), std::chrono::microseconds(1'000'000), std::chrono::microseconds(2'500'000)};

  struct Reading {
    // Of each bucket by itself; the last one has what lies above all bounds.
    std::array<uint64_t, kBounds.size() + 1> counts{};
    std::chrono::nanoseconds sum{};
  };

  void Add(std::chrono::nanoseconds took) noexcept {
    size_t bucket = 0;
    while (bucket < kBounds.size() && took > kBounds[bucket]) ++bucket;
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_ns_.fetch_add(static_cast<uint64_t>(took.count()), std::memory_order_relaxed);
  }

  Reading Read() const noexcept {
    Reading reading;
    for (size_t i = 0; i < counts_.size(); ++i) reading.counts[i] = counts_[i].load(std::memory_order_relaxed);
    reading.sum = std::chrono::nanoseconds(sum_ns_.load(std::memory_order_relaxed));
    return reading;
  }

 private:
  std::array<std::atomic<uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<uint64_t> sum_ns_{0};
};

// Adds the time from here to the end of the scope.
class ScopeTimer {
 public:
  explicit ScopeTimer(TimeHistogram& times) : times_(times) {}
  ScopeTimer(const ScopeTimer&) = delete;
  ScopeTimer& operator=(const ScopeTimer&) = delete;
  ~ScopeTimer() { times_.Add(TimeHistogram::Clock::now() - began_); }

 private:
  TimeHistogram& times_;
  const TimeHistogram::Clock::time_point began_ = TimeHistogram::Clock::now();
};

}  // namespace framewell
