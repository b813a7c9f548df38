#include <doctest/doctest.h>

#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

Bytes Nal(int type, const Bytes& body, int layer = 0) {
  return Bytes{static_cast<uint8_t>(type << 1 | layer >> 5), static_cast<uint8_t>(layer << 3 | 1)} + body;
}

const Bytes kVps = Nal(32, {0x0c, 1, 2});
const Bytes kSps = Nal(33, {0x01, 3, 4});
const Bytes kPps = Nal(34, {0xc1, 5});
const Bytes kDelimiter = Nal(35, {0x50});
const Bytes kPrefixSei = Nal(39, {1, 1, 9, 0x80});
const Bytes kSuffixSei = Nal(40, {132, 1, 9, 0x80});
const Bytes kIdr = Nal(19, Bytes{0xa0} + Filling(50));
const Bytes kIdrSecondSlice = Nal(19, Bytes{0x60} + Filling(50));
const Bytes kCra = Nal(21, Bytes{0xa0} + Filling(30));
const Bytes kSlice = Nal(1, Bytes{0xd0} + Filling(40));
const Bytes kSecondSlice = Nal(1, Bytes{0x50} + Filling(40));
const Bytes kNextSlice = Nal(0, Bytes{0xd0} + Filling(30));

// Order numbers: a DONL of 16 bits with the first unit, a DOND of 8 with the others.
Bytes Aggregation(std::initializer_list<Bytes> nals, bool order_numbers = false) {
  Bytes payload{48 << 1, 1};
  bool first = true;
  for (const Bytes& nal : nals) {
    if (order_numbers) payload = payload + (first ? Bytes{0, 7} : Bytes{0});
    first = false;
    payload = payload + Bytes{0, static_cast<uint8_t>(nal.size())} + nal;
  }
  return payload;
}

std::vector<Bytes> Fragments(const Bytes& nal, size_t size, bool order_numbers = false) {
  std::vector<Bytes> payloads;
  for (size_t at = 2; at < nal.size(); at += size) {
    const size_t end = std::min(at + size, nal.size());
    const int bits = (at == 2 ? 0x80 : 0) | (end == nal.size() ? 0x40 : 0);
    payloads.push_back(
        Bytes{static_cast<uint8_t>((nal[0] & 0x81) | 49 << 1), nal[1], static_cast<uint8_t>(bits | nal[0] >> 1)} +
        (order_numbers && at == 2 ? Bytes{0, 7} : Bytes()) + Bytes(nal.begin() + at, nal.begin() + end));
  }
  return payloads;
}

Bytes WithOrderNumber(const Bytes& nal) { return Bytes{nal[0], nal[1], 0, 7} + Bytes(nal.begin() + 2, nal.end()); }

TEST_CASE("H.265: payloads that make one access unit") {
  const Bytes enhancement = Nal(1, Bytes{0xd0, 1, 2}, 1);
  const UnitCase cases[] = {
      {"single NAL units", {kVps, kSps, kPps, kIdr}, AnnexB({kVps, kSps, kPps, kIdr}), true},
      {"aggregation", {Aggregation({kVps, kSps, kPps}), kIdr}, AnnexB({kVps, kSps, kPps, kIdr}), true},
      {"fragments", Fragments(kIdr, 20), AnnexB({kIdr}), true},
      {"a fragment with both bits set", Fragments(kIdr, 100), AnnexB({kIdr}), true},
      {"CRA", {kDelimiter, kCra}, AnnexB({kDelimiter, kCra}), true},
      {"two slices", {kSlice, kSecondSlice}, AnnexB({kSlice, kSecondSlice}), false},
      {"suffix SEI", {kPrefixSei, kSlice, kSuffixSei}, AnnexB({kPrefixSei, kSlice, kSuffixSei}), false},
      {"a second layer", {kSlice, enhancement}, AnnexB({kSlice, enhancement}), false},
      {"start codes before NAL units", {AnnexB({kSps}), AnnexB({kIdr})}, AnnexB({kSps, kIdr}), true},
      {"a whole unit as an Annex B stream", {AnnexB({kVps, kSps, kPps, kIdr})}, AnnexB({kVps, kSps, kPps, kIdr}), true},
      {"start codes in fragments", Fragments(kVps + AnnexB({kSps, kIdr}), 7), AnnexB({kVps, kSps, kIdr}), true},
      {"an aggregate with an empty NAL unit", {Aggregation({kSps, {}, kIdr})}, AnnexB({kSps, kIdr}), true},
  };
  for (const UnitCase& test : cases) {
    CAPTURE(test.name);
    TrackUnderTest track(AV_CODEC_ID_HEVC);
    const TrackUnderTest::Unit unit = track.UnitOf(test.payloads, kDelimiter);
    CHECK(unit.bytes == test.unit);
    CHECK(unit.keyframe == test.keyframe);
  }
}

TEST_CASE("H.265: decoding order numbers are not part of the units") {
  TrackUnderTest track({.receiver = {}, .format = {.codec = AV_CODEC_ID_HEVC, .has_decoding_order_numbers = true}});
  track.Send(0, false, Aggregation({kVps, kSps, kPps}, true));
  for (const Bytes& payload : Fragments(kIdr, 20, true)) track.Send(0, false, payload);
  track.Send(0, false, WithOrderNumber(kIdrSecondSlice));
  track.Send(3600, false, WithOrderNumber(kSlice));
  track.Send(7200, false, WithOrderNumber(kSlice));
  CHECK(track.losses.empty());
  REQUIRE(track.units.size() == 2);
  CHECK(track.units[0].bytes == AnnexB({kVps, kSps, kPps, kIdr, kIdrSecondSlice}));
  CHECK(track.units[1].bytes == AnnexB({kSlice}));
}

TEST_CASE("H.265: payloads that damage their unit and no other") {
  struct {
    std::string name;
    Bytes payload;
    bool order_numbers, unsupported;
  } const cases[] = {
      {"one byte", {0x02}, false, false},
      {"aggregation with a NAL unit beyond its end", {96, 1, 0, 9, 0x02, 1}, false, false},
      {"aggregation of a NAL unit without its header", {96, 1, 0, 1, 0x02}, false, false},
      {"aggregation within aggregation", {96, 1, 0, 2, 96, 1}, false, false},
      {"a fragment without its header", {98, 1}, false, false},
      {"a fragment without a beginning", {98, 1, 0x01, 1, 2}, false, false},
      {"a fragment of a fragment", {98, 1, 0x80 | 49, 1, 2}, false, false},
      {"an order number cut short", {0x02, 1, 0}, true, false},
      {"a fragment with an order number cut short", {98, 1, 0x81, 0}, true, false},
      {"PACI", {100, 1, 0, 0, 1}, false, true},
      {"type 63", {126, 1, 0, 0, 1}, false, true},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    TrackUnderTest track(
        {.receiver = {}, .format = {.codec = AV_CODEC_ID_HEVC, .has_decoding_order_numbers = test.order_numbers}});
    const auto send = [&](uint32_t timestamp, const Bytes& nal) {
      track.Send(timestamp, false, test.order_numbers ? WithOrderNumber(nal) : nal);
    };
    send(0, kIdr);
    send(3600, kSlice);
    track.Send(3600, false, test.payload);
    send(3600, kSecondSlice);
    send(7200, kNextSlice);
    send(10'800, kSlice);
    REQUIRE(track.units.size() == 2);
    CHECK(track.units[0].bytes == AnnexB({kIdr}));
    CHECK(track.units[1].bytes == AnnexB({kNextSlice}));
    REQUIRE(track.losses.size() == 1);
    CHECK(track.losses[0].cause == RtpLoss::Cause::kDamagedUnit);
    CHECK(track->counters().unsupported == (test.unsupported ? 1 : 0));
    CHECK(track->counters().malformed == (test.unsupported ? 0 : 1));
  }
}

}  // namespace
}  // namespace framewell::testing
