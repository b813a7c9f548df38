#include "time_histogram.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace framewell {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a time is counted once, in the first bucket that is wide enough") {
  TimeHistogram times;
  times.Add(0ns);
  times.Add(1ms);
  times.Add(1'000'001ns);
  times.Add(400ms);
  times.Add(401ms);
  const TimeHistogram::Reading reading = times.Read();
  CHECK(reading.counts.front() == 2);
  CHECK(reading.counts[1] == 1);
  CHECK(reading.counts[TimeHistogram::kBounds.size() - 1] == 1);
  CHECK(reading.counts.back() == 1);
  CHECK(reading.sum == 1ms + 1'000'001ns + 400ms + 401ms);
}

TEST_CASE("nothing is lost when many threads add") {
  TimeHistogram times;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) times.Add(1ms);
    });
  }
  threads.clear();
  CHECK(times.Read().counts[0] == 40'000);
  CHECK(times.Read().sum == 40s);
}

}  // namespace
}  // namespace framewell
