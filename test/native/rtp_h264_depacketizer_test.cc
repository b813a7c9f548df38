#include <doctest/doctest.h>

#include "ingest/rtp/h264_sei.h"
#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

// NAL units by their type; the slices say by their first bit whether they begin a picture.
const Bytes kSps = Bytes{0x67, 0x42, 0, 0x1f} + Filling(8);
const Bytes kPps = Bytes{0x68, 0xce, 0x38, 0x80};
const Bytes kDelimiter = {0x09, 0xf0};
const Bytes kIdr = Bytes{0x65, 0x88} + Filling(50);
const Bytes kIdrSecondSlice = Bytes{0x65, 0x40} + Filling(50);
const Bytes kSlice = Bytes{0x41, 0x9a} + Filling(40);
const Bytes kSecondSlice = Bytes{0x41, 0x40} + Filling(40);
const Bytes kNextSlice = Bytes{0x41, 0x9b} + Filling(30);

Bytes StapA(std::initializer_list<Bytes> nals) {
  Bytes payload{0x78};
  for (const Bytes& nal : nals) payload = payload + Bytes{0, static_cast<uint8_t>(nal.size())} + nal;
  return payload;
}

// `nal` in fragments of `size` bytes.
std::vector<Bytes> FuA(const Bytes& nal, size_t size) {
  std::vector<Bytes> payloads;
  for (size_t at = 1; at < nal.size(); at += size) {
    const size_t end = std::min(at + size, nal.size());
    const int bits = (at == 1 ? 0x80 : 0) | (end == nal.size() ? 0x40 : 0);
    payloads.push_back(Bytes{static_cast<uint8_t>((nal[0] & 0x60) | 28), static_cast<uint8_t>(bits | (nal[0] & 0x1f))} +
                       Bytes(nal.begin() + at, nal.begin() + end));
  }
  return payloads;
}

TEST_CASE("H.264: payloads that make one access unit") {
  const auto fragments = FuA(kIdr, 20);
  const Bytes long_end{0x7c, 0x45, 1, 2, 3};
  const UnitCase cases[] = {
      {"single NAL units", {kSps, kPps, kIdr}, AnnexB({kSps, kPps, kIdr}), true},
      {"STAP-A", {StapA({kDelimiter, kSps, kPps}), kIdr}, AnnexB({kDelimiter, kSps, kPps, kIdr}), true},
      {"STAP-A with an empty NAL unit", {StapA({kSps, {}, kPps, kIdr})}, AnnexB({kSps, kPps, kIdr}), true},
      {"STAP-A with a byte behind the last", {StapA({kSps, kIdr}) + Bytes{0}}, AnnexB({kSps, kIdr}), true},
      {"FU-A", fragments, AnnexB({kIdr}), true},
      {"FU-A with both bits set", {Bytes{0x7c, 0xc5} + Bytes(kIdr.begin() + 1, kIdr.end())}, AnnexB({kIdr}), true},
      {"FU-A whose end bit is never set",
       {fragments[0], fragments[1], {0x7c, 0x05, 9}, kIdrSecondSlice},
       AnnexB({Bytes(kIdr.begin(), kIdr.begin() + 41) + Bytes{9}, kIdrSecondSlice}),
       true},
      {"a start code before the NAL unit", {AnnexB({kSps}), AnnexB({kIdr})}, AnnexB({kSps, kIdr}), true},
      {"a whole unit as an Annex B stream", {AnnexB({kSps, kPps, kIdr})}, AnnexB({kSps, kPps, kIdr}), true},
      {"start codes inside a NAL unit that begins bare",
       {kSps + AnnexB({kPps, kIdr})},
       AnnexB({kSps, kPps, kIdr}),
       true},
      {"a P-picture in two slices", {kSlice, kSecondSlice}, AnnexB({kSlice, kSecondSlice}), false},
      {"data partitions",
       {Bytes{0x42, 0x9a, 1}, Bytes{0x43, 0x01, 2}, Bytes{0x44, 0x01, 3}},
       AnnexB({{0x42, 0x9a, 1}, {0x43, 0x01, 2}, {0x44, 0x01, 3}}),
       false},
      {"filler data behind the picture", {kSlice, {0x0c, 0xff, 0x80}}, AnnexB({kSlice, {0x0c, 0xff, 0x80}}), false},
      {"prefix NAL units before each slice",
       {kDelimiter, {0x6e, 0x40, 0x80}, kSlice, {0x6e, 0x40, 0x80}, kSecondSlice},
       AnnexB({kDelimiter, {0x6e, 0x40, 0x80}, kSlice, {0x6e, 0x40, 0x80}, kSecondSlice}),
       false},
      {"SEI with a recovery point",
       {{0x06, 6, 1, 0xc0, 0x80}, kSlice},
       AnnexB({{0x06, 6, 1, 0xc0, 0x80}, kSlice}),
       true},
      {"SEI without one", {{0x06, 1, 1, 0xc0, 0x80}, kSlice}, AnnexB({{0x06, 1, 1, 0xc0, 0x80}, kSlice}), false},
  };
  for (const UnitCase& test : cases) {
    CAPTURE(test.name);
    TrackUnderTest track(AV_CODEC_ID_H264);
    const TrackUnderTest::Unit unit = track.UnitOf(test.payloads, kDelimiter);
    CHECK(NalUnits(unit.bytes) == NalUnits(test.unit));
    CHECK(unit.keyframe == test.keyframe);
  }
}

TEST_CASE("H.264: the output is Annex B with start codes of four bytes") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  track.Send(0, false, StapA({kSps, kPps}));
  for (const Bytes& payload : FuA(kIdr, 20)) track.Send(0, false, payload);
  track.Send(3600, false, kDelimiter);
  REQUIRE(track.units.size() == 1);
  CHECK(track.units[0].bytes == AnnexB({kSps, kPps, kIdr}));
}

// The V380: all fragments of the first unit claim to be an SPS, and start codes stand anywhere in them.
TEST_CASE("H.264: an Annex B stream in fragments, cut at every place") {
  const Bytes stream = AnnexB({kSps, kPps, kIdr});
  const Bytes bare(stream.begin() + 4, stream.end());
  for (size_t size = 1; size < bare.size(); ++size) {
    CAPTURE(size);
    TrackUnderTest track(AV_CODEC_ID_H264);
    for (const Bytes& payload : FuA(bare, size)) track.Send(0, false, payload);
    track.Send(3600, false, kSlice);
    track.Send(7200, false, kSlice);
    REQUIRE(track.units.size() == 2);
    CHECK(track.units[0].bytes == stream);
    CHECK(track.units[0].keyframe);
    CHECK_FALSE(track.units[1].keyframe);
    CHECK(track.losses.empty());
  }
}

// The unit under way moves in memory when it turns out to be a keyframe as large as the one before it.
TEST_CASE("H.264: a recovery point behind a large keyframe, with more messages behind it") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  const Bytes sei = Bytes{0x06, 6, 1, 0xc0, 0x80} + AnnexB({{0x06, 1, 1, 0xc0, 0x80}});
  track.Send(0, false, kIdr + Filling(5000));
  track.Send(3600, false, sei);
  track.Send(3600, false, kSlice);
  track.Send(7200, false, kSlice);
  REQUIRE(track.units.size() == 2);
  CHECK(track.units[1].keyframe);
  CHECK(track.units[1].bytes == AnnexB({sei, kSlice}));
}

TEST_CASE("H.264: fragments whose first one begins with a start code") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  track.Send(0, false, Bytes{0x7c, 0x87} + AnnexB({kSps, kIdr}));
  track.Send(0, false, Bytes{0x7c, 0x47, 7, 7});
  track.Send(3600, false, kSlice);
  REQUIRE(track.units.size() == 1);
  CHECK(track.units[0].bytes == AnnexB({kSps, kIdr}) + Bytes{7, 7});
  CHECK(track.units[0].keyframe);
}

TEST_CASE("H.264: payloads that damage their unit and no other") {
  struct {
    std::string name;
    Bytes payload;
    bool unsupported;
  } const cases[] = {
      {"STAP-A with a NAL unit beyond its end", {0x78, 0, 9, 0x41, 0x9a}, false},
      {"STAP-A within STAP-A", {0x78, 0, 2, 0x78, 0}, false},
      {"FU-A without its header", {0x7c}, false},
      {"a fragment without a beginning", {0x7c, 0x01, 1, 2, 3}, false},
      {"a fragment of type 0", {0x7c, 0x80, 1, 2, 3}, false},
      {"type 0", {0x00, 1, 2, 3}, false},
      {"STAP-B", {0x79, 0, 0, 0, 1, 0x41}, true},
      {"MTAP16", {0x7a, 0, 0, 0, 1, 0x41}, true},
      {"FU-B", {0x7d, 0x81, 0, 0, 0x41}, true},
      {"type 31", {0x7f, 1, 2}, true},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    TrackUnderTest track(AV_CODEC_ID_H264);
    track.Send(0, false, kIdr);
    track.Send(3600, false, kSlice);
    track.Send(3600, false, test.payload);
    track.Send(3600, false, kSecondSlice);
    track.Send(7200, false, kNextSlice);
    track.Send(10'800, false, kSlice);
    REQUIRE(track.units.size() == 2);
    CHECK(track.units[0].bytes == AnnexB({kIdr}));
    CHECK(track.units[1].bytes == AnnexB({kNextSlice}));
    REQUIRE(track.losses.size() == 1);
    CHECK(track.losses[0].cause == RtpLoss::Cause::kDamagedUnit);
    CHECK(track.units[0].losses_before == 0);
    CHECK(track.units[1].losses_before == 1);
    CHECK(track->counters().unsupported == (test.unsupported ? 1 : 0));
    CHECK(track->counters().malformed == (test.unsupported ? 0 : 1));
    CHECK(track->counters().damaged_units == 1);
  }
}

TEST_CASE("H.264: of a unit in fragments that lost one, nothing comes") {
  const auto fragments = FuA(kIdr, 12);
  for (size_t lost = 0; lost < fragments.size(); ++lost) {
    CAPTURE(lost);
    TrackUnderTest track(AV_CODEC_ID_H264);
    track.Send(0, false, kSlice);
    for (size_t i = 0; i < fragments.size(); ++i) {
      if (i == lost) {
        track.Skip(1);
      } else {
        track.Send(3600, false, fragments[i]);
      }
    }
    track.Send(7200, false, kSlice);
    track.Send(10'800, false, kSlice);
    REQUIRE(track.losses.size() == 1);
    CHECK(track.losses[0].packets == 1);
    for (const auto& unit : track.units) CHECK(unit.bytes == AnnexB({kSlice}));
    CHECK(track.units.size() >= 1);
    CHECK(track->counters().malformed == 0);
  }
}

TEST_CASE("H.264: recovery point messages") {
  struct {
    std::string name;
    Bytes nal;
    bool found;
  } const cases[] = {
      {"alone", {0x06, 6, 1, 0xc0, 0x80}, true},
      {"behind another message", {0x06, 0, 2, 1, 2, 6, 1, 0xc0, 0x80}, true},
      {"behind a type and a size of more than one byte",
       Bytes{0x06, 0xff, 5, 0xff, 1} + Bytes(256, 7) + Bytes{6, 1, 0xc0, 0x80}, true},
      {"behind bytes that need emulation prevention", {0x06, 5, 4, 0, 0, 3, 1, 0, 6, 1, 0xc0, 0x80}, true},
      {"another message only", {0x06, 5, 3, 6, 1, 6, 0x80}, false},
      {"of no size", {0x06, 6, 0, 0x80}, false},
      {"cut short", {0x06, 6}, false},
      {"a message cut short", {0x06, 5, 9, 1}, false},
      {"a number without an end", {0x06, 0xff, 0xff}, false},
      {"a header alone", {0x06}, false},
      {"nothing", {}, false},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    CHECK(HasRecoveryPoint(test.nal) == test.found);
  }
}

}  // namespace
}  // namespace framewell::testing
