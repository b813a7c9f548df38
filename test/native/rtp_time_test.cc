#include <doctest/doctest.h>

#include "ingest/rtp/capture_clock.h"
#include "ingest/rtp/rtp_timeline.h"
#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

struct Step {
  uint32_t timestamp;
  int64_t arrival_ms;
  int64_t pts_ms;
};

TEST_CASE("RTP timeline: presentation times") {
  struct {
    std::string name;
    std::vector<Step> steps;
    uint64_t restamps;
  } const cases[] = {
      {"from 0, whatever the first timestamp", {{900'000, 0, 0}, {903'600, 40, 40}, {903'600, 41, 40}}, 0},
      {"over the wrap", {{0xffff'fff0, 0, 0}, {3584, 40, 40}, {7184, 80, 80}}, 0},
      {"B-pictures go back and forth", {{0, 0, 0}, {10'800, 40, 120}, {3600, 80, 40}, {7200, 120, 80}}, 0},
      {"a time lapse", {{0, 0, 0}, {2'700'000, 30'000, 30'000}, {5'400'000, 60'000, 60'000}}, 0},
      {"a stalled network", {{0, 0, 0}, {3600, 20'000, 40}, {7200, 20'001, 80}}, 0},
      {"a jump forward", {{0, 0, 0}, {3600, 40, 40}, {90'000'000, 80, 80}, {90'003'600, 120, 120}}, 1},
      {"a jump back", {{90'000'000, 0, 0}, {90'003'600, 40, 40}, {1800, 80, 80}, {5400, 120, 120}}, 1},
      {"a jump goes on from the latest picture",
       {{0, 0, 0}, {10'800, 40, 120}, {3600, 80, 40}, {90'000'000, 120, 160}},
       1},
      {"a small step back", {{900'000, 0, 0}, {903'600, 40, 40}, {795'600, 80, 80}, {799'200, 120, 120}}, 1},
      {"a jump in no time still goes on", {{0, 0, 0}, {9'000'000, 0, 0}, {9'003'600, 0, 40}}, 1},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    RtpTimeline timeline(90'000);
    for (const Step& step : test.steps) {
      CAPTURE(step.timestamp);
      // A tick of the clock is 11 us.
      CHECK(std::abs(timeline.ToPtsUs(step.timestamp, step.arrival_ms * 1000) - step.pts_ms * 1000) <= 11);
    }
    CHECK(timeline.restamps() == test.restamps);
  }
}

TEST_CASE("RTP timeline: a new source goes on by the time that passed") {
  RtpTimeline timeline(90'000);
  timeline.ToPtsUs(0, 0);
  timeline.ToPtsUs(3600, 40'000);
  timeline.OnNewSource();
  CHECK(timeline.ToPtsUs(3600, 2'040'000) == 2'040'000);
  CHECK(timeline.ToPtsUs(7200, 2'080'000) == 2'080'000);
}

TEST_CASE("RTP timeline: rounded to the nearest, on both sides of 0") {
  RtpTimeline timeline(90'000);
  CHECK(timeline.ToPtsUs(100, 0) == 0);
  CHECK(timeline.ToPtsUs(101, 0) == 11);
  CHECK(timeline.ToPtsUs(105, 0) == 56);
  CHECK(timeline.ToPtsUs(95, 0) == -56);
}

TEST_CASE("RTP timeline: days of one stream stay exact") {
  RtpTimeline timeline(90'000);
  uint32_t timestamp = 0xdead'beef;
  int64_t pts_us = 0;
  constexpr int kSeconds = 7 * 24 * 3600;
  for (int second = 0; second <= kSeconds; ++second, timestamp += 90'000) {
    pts_us = timeline.ToPtsUs(timestamp, int64_t{second} * 1'000'000);
  }
  CHECK(pts_us == int64_t{kSeconds} * 1'000'000);
  CHECK(timeline.restamps() == 0);
}

// 2026-01-01T00:00:00Z.
constexpr int64_t kNowUs = 1'767'225'600'000'000;
constexpr uint64_t kNowNtp = (1'767'225'600ULL + 2'208'988'800ULL) << 32;

TEST_CASE("Capture clock: sender reports map timestamps to Unix time") {
  CaptureClock clock(90'000);
  CHECK_FALSE(clock.ToUnixUs(1, 0));
  clock.OnSenderReport({.ssrc = 1, .ntp_time = kNowNtp | 0x8000'0000, .rtp_timestamp = 0xffff'f000}, kNowUs);
  CHECK(clock.ToUnixUs(1, 0xffff'f000) == kNowUs + 500'000);
  CHECK(clock.ToUnixUs(1, 0xffff'f000 + 90'000) == kNowUs + 1'500'000);
  CHECK(clock.ToUnixUs(1, 0xffff'f000 - 9000) == kNowUs + 400'000);
  CHECK_FALSE(clock.ToUnixUs(2, 0xffff'f000));
}

TEST_CASE("Capture clock: a clock that was never set is no clock") {
  constexpr uint64_t kHour = 3600ULL << 32;
  struct {
    std::string name;
    uint64_t ntp_time;
    bool usable;
  } const cases[] = {
      {"the right time", kNowNtp, true},
      {"another time zone", kNowNtp + 14 * kHour, true},
      {"two days off", kNowNtp - 48 * kHour, false},
      {"nothing", 0, false},
      {"uptime", 300ULL << 32, false},
      {"1970", (2'208'988'800ULL + 100) << 32, false},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    CaptureClock clock(90'000);
    clock.OnSenderReport({.ssrc = 1, .ntp_time = test.ntp_time, .rtp_timestamp = 0}, kNowUs);
    CHECK(clock.ToUnixUs(1, 0).has_value() == test.usable);
  }
}

TEST_CASE("Capture clock: a report that counts in other timestamps is none") {
  CaptureClock clock(90'000);
  constexpr uint32_t kMinute = 60 * 90'000;
  clock.OnSenderReport({.ssrc = 1, .ntp_time = kNowNtp, .rtp_timestamp = 0}, kNowUs);
  CHECK_FALSE(clock.ToUnixUs(1, kMinute + 90'000));
  CHECK_FALSE(clock.ToUnixUs(1, 0));
  clock.OnSenderReport({.ssrc = 1, .ntp_time = kNowNtp, .rtp_timestamp = 0}, kNowUs);
  CHECK(clock.ToUnixUs(1, kMinute));
  clock.OnDiscontinuity();
  CHECK_FALSE(clock.ToUnixUs(1, kMinute));
}

TEST_CASE("Capture clock: NTP's second era, from 2036 on") {
  // 2040-01-01T00:00:00Z, whose seconds since 1900 no longer fit into 32 bits.
  constexpr int64_t kUs = 2'208'988'800'000'000;
  constexpr uint64_t kNtp = (2'208'988'800ULL + 2'208'988'800ULL) << 32;
  CaptureClock clock(90'000);
  clock.OnSenderReport({.ssrc = 1, .ntp_time = kNtp, .rtp_timestamp = 0}, kUs);
  CHECK(clock.ToUnixUs(1, 0) == kUs);
}

TEST_CASE("Capture clock: one report holds for longer than timestamps do") {
  CaptureClock clock(90'000);
  clock.OnSenderReport({.ssrc = 1, .ntp_time = kNowNtp, .rtp_timestamp = 0}, kNowUs);
  uint32_t timestamp = 0;
  constexpr int kSeconds = 3 * 24 * 3600;
  for (int second = 0; second < kSeconds; ++second, timestamp += 90'000) {
    REQUIRE(clock.ToUnixUs(1, timestamp));
  }
  CHECK(clock.ToUnixUs(1, timestamp) == kNowUs + int64_t{kSeconds} * 1'000'000);
}

}  // namespace
}  // namespace framewell::testing
