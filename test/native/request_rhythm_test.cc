#include "decode/request_rhythm.h"

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>

namespace framewell {
namespace {

using namespace std::chrono_literals;

constexpr RequestRhythm::Clock::time_point kStart{1h};

// Asked at these times after kStart, of a stream whose units take 1 ms.
RequestRhythm AskedAt(std::initializer_list<std::chrono::milliseconds> times) {
  RequestRhythm rhythm;
  rhythm.Decoded(1ms);
  for (const auto time : times) rhythm.Asked(kStart + time);
  return rhythm;
}

TEST_CASE("units wait until shortly before the next request of a rhythm") {
  const RequestRhythm rhythm = AskedAt({0ms, 1000ms, 2000ms});
  CHECK(rhythm.CanWait(kStart + 2040ms, 1));
  CHECK(rhythm.CanWait(kStart + 2800ms, 20));
  CHECK_FALSE(rhythm.CanWait(kStart + 2920ms, 23));
  CHECK_FALSE(rhythm.CanWait(kStart + 3500ms, 1));
}

TEST_CASE("the longer it takes to decode what waits, the earlier that begins") {
  RequestRhythm rhythm = AskedAt({0ms, 1000ms, 2000ms});
  CHECK(rhythm.CanWait(kStart + 2800ms, 50));
  CHECK_FALSE(rhythm.CanWait(kStart + 2800ms, 70));
  rhythm.Decoded(10ms);
  CHECK(rhythm.CanWait(kStart + 2400ms, 20));
  CHECK_FALSE(rhythm.CanWait(kStart + 2800ms, 20));
  for (int unit = 0; unit < 100; ++unit) rhythm.Decoded(1ms);
  CHECK(rhythm.CanWait(kStart + 2800ms, 20));
}

TEST_CASE("without a rhythm nothing waits") {
  const auto can_wait = [](const RequestRhythm& rhythm, std::chrono::milliseconds time) {
    return rhythm.CanWait(kStart + time, 1);
  };
  CHECK_FALSE(can_wait({}, 40ms));
  CHECK_FALSE(can_wait(AskedAt({0ms}), 40ms));
  CHECK_FALSE(can_wait(AskedAt({0ms, 1000ms}), 1040ms));
  // A viewer at 25 pictures a second.
  CHECK_FALSE(can_wait(AskedAt({0ms, 40ms, 80ms}), 85ms));
  // Two who ask once a second each, close to one another.
  CHECK_FALSE(can_wait(AskedAt({0ms, 50ms, 1000ms}), 1040ms));
  RequestRhythm forgotten = AskedAt({0ms, 1000ms, 2000ms});
  forgotten.Forget();
  CHECK_FALSE(can_wait(forgotten, 2040ms));
}

}  // namespace
}  // namespace framewell
