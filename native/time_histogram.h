// How long something took, each time: counted in fixed buckets, so that a thousand pictures a second cost nothing. Few
// of them: a monitoring system keeps each for every camera.
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

  // Upper bounds, inclusive: from a small picture on a card to a 4K picture on a machine that is far too busy. Between
  // two pictures of most cameras lie 40 ms.
  static constexpr std::array<std::chrono::milliseconds, 6> kBounds = {
      std::chrono::milliseconds(1),  std::chrono::milliseconds(4),   std::chrono::milliseconds(10),
      std::chrono::milliseconds(40), std::chrono::milliseconds(100), std::chrono::milliseconds(400)};

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
