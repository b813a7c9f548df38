// Times of what libavformat gives, which counts as the camera does.
#include "ingest/libav_input.h"

#include <doctest/doctest.h>

#include "libav_input_support.h"

namespace framewell::testing {
namespace {

constexpr uint32_t kFrameTicks = 3600;
constexpr int64_t kFrameUs = 40'000;

// Presentation times of the units of a clip of 25 pictures a second whose timestamps are those that `timestamp_of`
// gives for the picture's number.
template <typename TimestampOf>
std::vector<int64_t> TimesOf(TimestampOf timestamp_of) {
  static const RtpClip clip = MakeRtpClip({.encoder = "libx264", .options = {{"bf", "0"}}, .width = 64, .height = 64});
  std::vector<Bytes> packets;
  uint32_t picture = 0;
  for (Bytes bytes : clip.packets) {
    const auto packet = RtpPacket::Parse(bytes);
    if (!packet || packet->payload_type != 96) continue;  // Sender reports count in the clip's own timestamps.
    WriteU32(bytes, 4, timestamp_of(picture));
    if (packet->marker) ++picture;
    packets.push_back(std::move(bytes));
  }
  HeardSink sink;
  ReadByLibav(SdpOf(clip), packets, sink);
  CHECK(sink.losses.empty());
  REQUIRE(sink.units.size() + 1 == clip.units.size());
  std::vector<int64_t> times;
  for (const auto& unit : sink.units) times.push_back(unit.pts_us);
  return times;
}

// The times go on by a picture at each step, but for the step to picture `jump`: there, by the time that passed, and no
// time passes here.
void CheckTimes(const std::vector<int64_t>& times, size_t jump) {
  for (size_t i = 1; i < times.size(); ++i) {
    CAPTURE(i);
    const int64_t step = times[i] - times[i - 1];
    if (i == jump) {
      CHECK(step > 0);
      CHECK(step < 1'000'000);
    } else {
      CHECK(std::abs(step - kFrameUs) <= 12);  // A tick of the clock.
    }
  }
}

TEST_CASE("libavformat: timestamps that wrap go on") {
  CheckTimes(TimesOf([](uint32_t picture) { return 0U - 10 * kFrameTicks + picture * kFrameTicks; }), 0);
}

TEST_CASE("libavformat: timestamps that jump, ahead or back, are restamped") {
  for (const uint32_t ticks : {3600U * 90'000, 0U - 600 * 90'000}) {
    CheckTimes(
        TimesOf([&](uint32_t picture) { return 1'000'000 + picture * kFrameTicks + (picture < 10 ? 0 : ticks); }), 10);
  }
}

TEST_CASE("libavformat: timestamps that begin anew are restamped") {
  CheckTimes(TimesOf([](uint32_t picture) { return (picture < 10 ? 3'000'000'000 : 0) + picture * kFrameTicks; }), 10);
}

}  // namespace
}  // namespace framewell::testing
