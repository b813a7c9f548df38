#include "ingest/access_unit_assembler.h"

#include <doctest/doctest.h>

#include "libav_input_support.h"

namespace framewell::testing {
namespace {

const Bytes kSps = {0x67, 0x42, 0, 0x1f, 0x80};
const Bytes kPps = {0x68, 0xce, 0x38, 0x80};
const Bytes kIdr = Bytes{0x65, 0x88} + Filling(30);
const Bytes kSlice = Bytes{0x41, 0x9a} + Filling(30);
const Bytes kSecondSlice = Bytes{0x41, 0x40} + Filling(30);

AVCodecParameters Codec(AVCodecID codec) {
  AVCodecParameters parameters{};
  parameters.codec_type = AVMEDIA_TYPE_VIDEO;
  parameters.codec_id = codec;
  return parameters;
}

class AssemblerUnderTest {
 public:
  explicit AssemblerUnderTest(AVCodecID codec) : assembler(Codec(codec), sink) {}

  bool Add(uint32_t timestamp, const Bytes& packet) {
    ++packets_;
    return assembler.Add(packet, {timestamp, int64_t{timestamp} * 10, packets_});
  }

  HeardSink sink;
  AccessUnitAssembler assembler;

 private:
  int64_t packets_ = 0;
};

TEST_CASE("libavformat's packets: a unit ends where the next picture begins, whatever the timestamps") {
  AssemblerUnderTest test(AV_CODEC_ID_H264);
  CHECK_FALSE(test.Add(1, AnnexB({kSps, kPps})));
  CHECK_FALSE(test.Add(1, AnnexB({kIdr})));
  CHECK(test.Add(1, AnnexB({kSlice})));
  CHECK_FALSE(test.Add(2, AnnexB({kSecondSlice})));
  CHECK(test.Add(2, AnnexB({kSps, kPps, kIdr})));
  CHECK(test.Add(3, AnnexB({kSlice})));
  REQUIRE(test.sink.units.size() == 3);
  CHECK(test.sink.units[0].bytes == AnnexB({kSps, kPps, kIdr}));
  CHECK(test.sink.units[1].bytes == AnnexB({kSlice, kSecondSlice}));
  CHECK(test.sink.units[2].bytes == AnnexB({kSps, kPps, kIdr}));
  CHECK(test.sink.units[1].pts_us == 10);
  CHECK(test.sink.units[0].keyframe == true);
  CHECK(test.sink.units[1].keyframe == false);
  CHECK(test.sink.losses.empty());
}

TEST_CASE("libavformat's packets: fragments are put together, zeros at their ends included") {
  AssemblerUnderTest test(AV_CODEC_ID_H264);
  const Bytes beginning = AnnexB({kSlice}) + Bytes{0, 0};
  test.Add(1, beginning);
  test.Add(1, {0x03, 0x01, 0});
  test.Add(1, {0, 0x03, 0x80});
  test.Add(2, AnnexB({kSlice}));
  REQUIRE(test.sink.units.size() == 1);
  CHECK(test.sink.units[0].bytes == beginning + Bytes{0x03, 0x01, 0, 0, 0x03, 0x80});
}

TEST_CASE("libavformat's packets: neither the unit before a loss nor the one it cut into is given") {
  AssemblerUnderTest test(AV_CODEC_ID_H264);
  test.Add(1, AnnexB({kSlice}));
  test.assembler.MarkLoss();
  test.Add(2, Filling(20));  // More of a slice whose beginning is lost.
  test.Add(2, AnnexB({kSecondSlice}));
  test.Add(3, AnnexB({kSlice}));
  CHECK(test.sink.units.empty());
  test.Add(4, AnnexB({kIdr}));
  REQUIRE(test.sink.units.size() == 1);
  CHECK(test.sink.units[0].bytes == AnnexB({kSlice}));
}

TEST_CASE("libavformat's packets: a JPEG comes whole and waits for nothing, after a loss neither") {
  AssemblerUnderTest test(AV_CODEC_ID_MJPEG);
  CHECK(test.Add(1, {1, 2}));
  CHECK(test.Add(1, {3}));
  test.assembler.MarkLoss();
  CHECK(test.Add(2, {4}));
  REQUIRE(test.sink.units.size() == 3);
  CHECK(test.sink.units[2].bytes == Bytes{4});
}

TEST_CASE("libavformat's packets: where the bytes tell nothing, a new timestamp begins a unit") {
  AssemblerUnderTest test(AV_CODEC_ID_H263);
  test.Add(1, {1});
  test.Add(1, {2});
  CHECK(test.Add(2, {3}));
  REQUIRE(test.sink.units.size() == 1);
  CHECK(test.sink.units[0].bytes == Bytes{1, 2});
  // The session's parser has to look.
  CHECK_FALSE(test.sink.units[0].keyframe);
}

TEST_CASE("libavformat's packets: a unit larger than any picture is dropped and told, and the next one comes") {
  for (const AVCodecID codec : {AV_CODEC_ID_H264, AV_CODEC_ID_MJPEG}) {
    AssemblerUnderTest test(codec);
    Bytes packet = AnnexB({kSlice});
    packet.resize(AccessUnitBuilder::kMaxUnitBytes + 1, 1);
    test.Add(1, packet);
    CHECK(test.sink.losses ==
          std::vector<std::string>{"Expected access units of at most 16777216 bytes but received a larger one"});
    test.Add(2, AnnexB({kIdr}));
    test.Add(3, AnnexB({kSlice}));
    REQUIRE_FALSE(test.sink.units.empty());
    CHECK(test.sink.units[0].bytes == AnnexB({kIdr}));
  }
}

struct NamedClip {
  const char* name;
  RtpClipSettings settings;
};

const NamedClip kClips[] = {
    {"H.264, slices of at most 300 bytes",
     {.encoder = "libx264", .options = {{"bf", "2"}, {"x264-params", "slice-max-size=300"}}}},
    {"H.264, five slices", {.encoder = "libx264", .options = {{"bf", "0"}, {"x264-params", "slices=5:aud=1"}}}},
    {"H.265, four slices, suffix SEI",
     {.encoder = "libx265",
      .options = {{"x265-params", "log-level=none:bframes=0:slices=4:hash=1:repeat-headers=1:keyint=12"}},
      .width = 640,
      .height = 480}},
    {"MPEG-4", {.encoder = "mpeg4", .options = {{"b", "600k"}, {"bf", "1"}}}},
};

// Every two pictures in a row get one timestamp.
std::vector<Bytes> WithTimestampsInPairs(const RtpClip& clip) {
  std::vector<Bytes> packets;
  std::optional<uint32_t> timestamp;
  bool marked = true;
  size_t pictures = 0;
  for (Bytes bytes : clip.packets) {
    const auto packet = RtpPacket::Parse(bytes);
    if (!packet || packet->payload_type != 96) continue;  // A sender report would contradict.
    if (std::exchange(marked, packet->marker) && pictures++ % 2 == 0) timestamp = packet->timestamp;
    WriteU32(bytes, 4, *timestamp);
    packets.push_back(std::move(bytes));
  }
  return packets;
}

TEST_CASE("libavformat: units equal the file demuxer's, also where two pictures have one timestamp") {
  for (const NamedClip& named : kClips) {
    CAPTURE(named.name);
    const RtpClip clip = MakeRtpClip(named.settings);
    for (const bool in_pairs : {false, true}) {
      CAPTURE(in_pairs);
      HeardSink sink;
      const auto ended = ReadByLibav(SdpOf(clip), in_pairs ? WithTimestampsInPairs(clip) : clip.packets, sink);
      CHECK(ended.code() == "ERR_STREAM_ENDED");
      CHECK(sink.connected == 1);
      CHECK(sink.losses.empty());
      // Nothing shows that the last one is complete.
      REQUIRE(sink.units.size() + 1 == clip.units.size());
      for (size_t i = 0; i < sink.units.size(); ++i) {
        CAPTURE(i);
        CHECK(NalUnits(sink.units[i].bytes) == NalUnits(clip.units[i].bytes));
        CHECK(sink.units[i].keyframe == clip.units[i].keyframe);
      }
    }
  }
}

TEST_CASE("libavformat: a packet that is missing costs its unit, and the loss is told before the next") {
  const RtpClip clip = MakeRtpClip(kClips[0].settings);
  std::vector<Bytes> packets = clip.packets;
  packets.erase(packets.begin() + static_cast<ptrdiff_t>(packets.size() / 2));
  HeardSink sink;
  ReadByLibav(SdpOf(clip), packets, sink);
  CHECK(sink.losses == std::vector<std::string>{"1 RTP packets missing"});
  // The last one, and at most the one before the gap and the one it cut into.
  CHECK(sink.units.size() + 3 >= clip.units.size());
  size_t next = 0;
  for (const auto& unit : sink.units) {
    while (next < clip.units.size() && NalUnits(clip.units[next].bytes) != NalUnits(unit.bytes)) ++next;
    REQUIRE(next < clip.units.size());
  }
}

}  // namespace
}  // namespace framewell::testing
