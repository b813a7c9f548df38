#include <doctest/doctest.h>

#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

const Bytes kLayer{0, 0, 1, 0xb0, 1, 0, 0, 1, 0xb5, 9, 0, 0, 1, 0x00, 0, 0, 1, 0x20, 1, 2, 3};
const Bytes kConfig{0, 0, 1, 0xb0, 0xf3, 0, 0, 1, 0x20, 0x77};
const Bytes kGroup{0, 0, 1, 0xb3, 0, 0x10, 7};
const Bytes kIntra = Bytes{0, 0, 1, 0xb6, 0x10} + Filling(20);
const Bytes kPredicted = Bytes{0, 0, 1, 0xb6, 0x50} + Filling(20);

const RtpTrack::Options kOptions{.receiver = {}, .format = {.codec = AV_CODEC_ID_MPEG4, .mpeg4_config = kConfig}};

TEST_CASE("MPEG-4: headers, intra and predicted pictures") {
  const UnitCase cases[] = {
      {"a predicted picture", {kPredicted}, kPredicted, false},
      {"a picture in three packets", {kPredicted, Filling(9), Filling(5)}, kPredicted + Filling(9) + Filling(5), false},
      {"an intra picture gets the configuration", {kIntra}, kConfig + kIntra, true},
      {"its own is enough", {kLayer + kIntra}, kLayer + kIntra, true},
      {"its own in a packet of its own", {kLayer, kIntra}, kLayer + kIntra, true},
      {"its own in two packets", {kLayer, Filling(4), kIntra}, kLayer + Filling(4) + kIntra, true},
      {"the configuration stands before the group", {kGroup + kIntra}, kConfig + kGroup + kIntra, true},
      {"headers before a predicted picture", {kLayer + kPredicted}, kLayer + kPredicted, false},
  };
  for (const UnitCase& test : cases) {
    CAPTURE(test.name);
    TrackUnderTest track(kOptions);
    const TrackUnderTest::Unit unit = track.UnitOf(test.payloads, kPredicted);
    CHECK(unit.bytes == test.unit);
    CHECK(unit.keyframe == test.keyframe);
  }
}

TEST_CASE("MPEG-4: a picture that lost its middle does not come") {
  TrackUnderTest track(kOptions);
  track.Send(0, false, kIntra);
  track.Send(3600, false, kPredicted);
  track.Skip(2);
  track.Send(3600, false, Filling(9));
  track.Send(7200, false, kIntra);
  track.Send(10'800, false, kPredicted);
  REQUIRE(track.losses.size() == 1);
  CHECK(track.losses[0].packets == 2);
  REQUIRE(track.units.size() == 2);
  CHECK(track.units[1].bytes == kConfig + kIntra);
  CHECK(track.units[1].losses_before == 1);
}

}  // namespace
}  // namespace framewell::testing
