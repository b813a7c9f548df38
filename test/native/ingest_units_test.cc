// The small units between a source's packets and the ring.
#include <doctest/doctest.h>

#include <vector>

#include "decode/presentation_order.h"
#include "encoded_clip.h"
#include "ingest/annex_b.h"
#include "ingest/bitstream_parser.h"
#include "ingest/parameter_sets.h"
#include "ingest/rate_meter.h"

namespace framewell {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes Copy(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

TEST_CASE("NAL units are found behind start codes of three and four bytes") {
  const Bytes stream{9, 9, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3, 0, 0, 0, 0, 1, 0x65, 4, 0, 0};
  AnnexBReader reader(stream);
  REQUIRE(reader.Header() == 0x67);
  CHECK(Copy(reader.Take()) == Bytes{0x67, 1, 2});
  REQUIRE(reader.Header() == 0x68);
  CHECK(Copy(reader.Take()) == Bytes{0x68, 3});
  REQUIRE(reader.Header() == 0x65);
  CHECK(Copy(reader.Take()) == Bytes{0x65, 4});
  CHECK_FALSE(reader.Header());
}

TEST_CASE("an Annex B stream that is empty, short or ends in a start code has no unit there") {
  for (const Bytes& stream : {Bytes{}, Bytes{0, 0}, Bytes{0, 0, 1}, Bytes{1, 2, 3, 4}}) {
    CHECK_FALSE(AnnexBReader(stream).Header());
  }
}

TEST_CASE("H.264 parameter sets are remembered until a new SPS replaces them") {
  ParameterSets sets(AV_CODEC_ID_H264);
  const Bytes sps_pps{0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2};
  const auto found = sets.Observe(sps_pps);
  CHECK(found.sequence_set);
  CHECK_FALSE(found.picture);
  CHECK(Copy(sets.bytes()) == sps_pps);

  const auto slice = sets.Observe(Bytes{0, 0, 1, 0x65, 9});
  CHECK_FALSE(slice.sequence_set);
  CHECK(slice.picture);
  CHECK(Copy(sets.bytes()) == sps_pps);

  sets.Observe(Bytes{0, 0, 0, 1, 0x67, 7, 0, 0, 1, 0x65, 9});
  CHECK(Copy(sets.bytes()) == Bytes{0, 0, 0, 1, 0x67, 7});
}

TEST_CASE("H.265 has its own types, other codecs none") {
  ParameterSets hevc(AV_CODEC_ID_HEVC);
  const Bytes sets{0, 0, 0, 1, 0x40, 1, 1, 0, 0, 0, 1, 0x42, 1, 2, 0, 0, 0, 1, 0x44, 1, 3};
  CHECK(hevc.Observe(sets).sequence_set);
  CHECK(Copy(hevc.bytes()) == sets);
  CHECK(hevc.Observe(Bytes{0, 0, 1, 0x26, 1, 9}).picture);

  ParameterSets jpeg(AV_CODEC_ID_MJPEG);
  CHECK(jpeg.Observe(Bytes{0, 0, 1, 0x67}).picture);
  CHECK(jpeg.bytes().empty());
}

TEST_CASE("parameter sets without end do not fill the memory") {
  ParameterSets sets(AV_CODEC_ID_H264);
  Bytes pps(1000, 1);
  const Bytes head{0, 0, 0, 1, 0x68};
  std::copy(head.begin(), head.end(), pps.begin());
  for (int i = 0; i < 1000; ++i) sets.Observe(pps);
  CHECK(sets.bytes().size() <= 64 * 1024);
}

TEST_CASE("the parser finds keyframes and sizes") {
  for (const char* encoder : {"libx264", "libx265", "mpeg4", "mjpeg"}) {
    CAPTURE(encoder);
    test::ClipOptions options;
    options.encoder = encoder;
    options.frames = 12;
    options.gop = 5;
    const test::Clip clip = test::EncodeClip(options);
    BitstreamParser parser(*clip.format);
    for (const test::ClipUnit& unit : clip.units) {
      const ReceivedUnit received = unit.Received(0);
      const UnitFacts facts = parser.Parse(received.bytes.data());
      CHECK(facts.keyframe == unit.keyframe);
      CHECK(facts.width == 64);
      CHECK(facts.height == 48);
    }
  }
}

TEST_CASE("rates come from the newest units") {
  RateMeter meter;
  CHECK(meter.FramesPerSecond() == 0);
  for (int i = 0; i < 500; ++i) meter.Add(i * 40'000, i * 40'000, 10'000);
  CHECK(meter.FramesPerSecond() == doctest::Approx(25));
  CHECK(meter.BitsPerSecond() == doctest::Approx(2'000'000));
  for (int i = 0; i < 200; ++i) meter.Add(20'000'000 + i * 100'000, 20'000'000 + i * 100'000, 10'000);
  CHECK(meter.FramesPerSecond() == doctest::Approx(10));
}

TEST_CASE("pictures are numbered in the order they are shown") {
  // Decoding order I P B B P B B with display places 0 3 1 2 6 4 5.
  const std::vector<int64_t> places{0, 3, 1, 2, 6, 4, 5};
  PresentationOrder order;
  for (size_t i = 0; i < places.size(); ++i) {
    AccessUnit unit;
    unit.sequence = 100 + static_cast<int64_t>(i);
    unit.gop_sequence = 100;
    unit.pts_us = places[i] * 40'000;
    unit.received_unix_us = 7'000 + static_cast<int64_t>(i);
    order.Submitted(unit);
  }
  for (size_t i = 0; i < places.size(); ++i) {
    PresentationOrder::Shown shown{};
    REQUIRE(order.Find(100 + static_cast<int64_t>(i), shown));
    CHECK(shown.sequence == 100 + places[i]);
    CHECK(shown.received_unix_us == 7'000 + static_cast<int64_t>(i));
  }
  PresentationOrder::Shown shown{};
  CHECK_FALSE(order.Find(99, shown));
}

}  // namespace
}  // namespace framewell
