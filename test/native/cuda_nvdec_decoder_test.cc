// The card's decoder beside libavcodec, on the stand-in driver.
#include <doctest/doctest.h>

#include "cuda/nvdec_decoder.h"
#include "decode/software_decoder.h"
#include "stand_in_card.h"

namespace framewell {
namespace {

using test::Clip;
using test::EncodeClip;
using test::NumberOf;
using test::StandIn;

struct Context {
  const DriverReport driver = LoadDriver(test::StandInFolder());
  const std::shared_ptr<CudaContext> cuda = std::make_shared<CudaContext>(driver.api, 0);
};

std::vector<AccessUnitPtr> Numbered(const Clip& clip, int64_t first_sequence = 0) {
  std::vector<AccessUnitPtr> units;
  int64_t gop = 0;
  for (const test::ClipUnit& unit : clip.units) {
    const int64_t sequence = first_sequence + static_cast<int64_t>(units.size());
    if (unit.keyframe) gop = sequence;
    units.push_back(test::NumberedUnit(unit, sequence, gop));
  }
  return units;
}

// What a consumer sees of a picture.
struct Seen {
  int64_t sequence;
  int64_t pts_us;
  int number;
  bool operator==(const Seen&) const = default;
};

void Append(std::vector<Seen>& seen, const DecodeResult& result) {
  REQUIRE(result.damage == "");
  for (const PicturePtr& picture : result.pictures) {
    seen.push_back({picture->sequence, picture->pts_us, NumberOf(*picture)});
  }
}

std::vector<Seen> DecodeAll(VideoDecoder& decoder, const std::vector<AccessUnitPtr>& units) {
  std::vector<Seen> seen;
  for (const AccessUnitPtr& unit : units) Append(seen, decoder.Decode(unit, VideoDecoder::Effort::kEvery));
  Append(seen, decoder.Drain());
  return seen;
}

TEST_CASE("the card gives the pictures that libavcodec gives, in its order") {
  const test::ClipOptions clips[] = {
      {},
      {.frames = 24, .gop = 12, .b_frames = 2},
      {.encoder = "libx265", .frames = 20},
      {.encoder = "libaom-av1", .frames = 12, .gop = 6},
      {.encoder = "mjpeg", .frames = 6},
      {.width = 320, .height = 180, .frames = 12, .gop = 4},
  };
  for (const test::ClipOptions& options : clips) {
    CAPTURE(options.encoder);
    CAPTURE(options.b_frames);
    const StandIn stand_in;
    const Context context;
    const Clip clip = EncodeClip(options);
    const std::vector<AccessUnitPtr> units = Numbered(clip);
    NvdecDecoder nvdec(context.cuda, clip.format->codec_id);
    SoftwareDecoder software(clip.format);
    const std::vector<Seen> expected = DecodeAll(software, units);
    CHECK(expected.size() == units.size());
    CHECK(DecodeAll(nvdec, units) == expected);
    // Again after the drain, with the decoder that is there.
    CHECK(DecodeAll(nvdec, Numbered(clip, 100)) == DecodeAll(software, Numbered(clip, 100)));
  }
}

TEST_CASE("a picture carries what the stream says of its size and colour") {
  const StandIn stand_in;
  const Context context;
  const Clip clip = EncodeClip({.width = 320, .height = 180, .frames = 1});
  NvdecDecoder nvdec(context.cuda, AV_CODEC_ID_H264);
  const DecodeResult result = nvdec.Decode(Numbered(clip).front(), VideoDecoder::Effort::kEvery);
  REQUIRE(result.pictures.size() == 1);
  const Picture& picture = *result.pictures.front();
  CHECK(picture.display == PictureSize{320, 180});
  REQUIRE(picture.device);
  const AVFrame& facts = picture.device->facts();
  CHECK(facts.format == AV_PIX_FMT_NV12);
  CHECK(facts.color_range == AVCOL_RANGE_MPEG);
  CHECK(facts.data[0] == nullptr);
}

TEST_CASE("a JPEG is full-range BT.601, whatever its parser says") {
  const StandIn stand_in;
  const Context context;
  NvdecDecoder nvdec(context.cuda, AV_CODEC_ID_MJPEG);
  const Clip clip = EncodeClip({.encoder = "mjpeg", .frames = 1});
  const DecodeResult result = nvdec.Decode(Numbered(clip).front(), VideoDecoder::Effort::kEvery);
  REQUIRE(result.pictures.size() == 1);
  const AVFrame& facts = result.pictures.front()->device->facts();
  CHECK(facts.colorspace == AVCOL_SPC_BT470BG);
  CHECK(facts.color_range == AVCOL_RANGE_JPEG);
}

TEST_CASE("a change of resolution is followed, to smaller and to larger") {
  const StandIn stand_in;
  const Context context;
  NvdecDecoder nvdec(context.cuda, AV_CODEC_ID_H264);
  int64_t sequence = 0;
  for (const PictureSize size : {PictureSize{320, 240}, {160, 96}, {640, 360}, {320, 240}}) {
    CAPTURE(size.width);
    const Clip clip = EncodeClip({.width = size.width, .height = size.height, .frames = 5});
    size_t shown = 0;
    for (const AccessUnitPtr& unit : Numbered(clip, sequence)) {
      const DecodeResult result = nvdec.Decode(unit, VideoDecoder::Effort::kEvery);
      CHECK(result.damage == "");
      for (const PicturePtr& picture : result.pictures) {
        CHECK(picture->display == size);
        CHECK(NumberOf(*picture) == static_cast<int>(picture->sequence - sequence));
        ++shown;
      }
    }
    CHECK(shown == 5);
    sequence += 5;
  }
}

TEST_CASE("pictures that nobody refers to are left out while catching up") {
  const StandIn stand_in;
  const Context context;
  const Clip clip = EncodeClip({.frames = 13, .gop = 13, .b_frames = 2});
  NvdecDecoder nvdec(context.cuda, AV_CODEC_ID_H264);
  size_t shown = 0;
  for (const AccessUnitPtr& unit : Numbered(clip)) {
    shown += nvdec.Decode(unit, VideoDecoder::Effort::kReferencesOnly).pictures.size();
  }
  shown += nvdec.Drain().pictures.size();
  CHECK(shown == 5);
}

TEST_CASE("after a flush pictures begin with the next keyframe") {
  const StandIn stand_in;
  const Context context;
  const Clip clip = EncodeClip({.frames = 20, .gop = 10});
  const std::vector<AccessUnitPtr> units = Numbered(clip);
  NvdecDecoder nvdec(context.cuda, AV_CODEC_ID_H264);
  CHECK(nvdec.Decode(units[0], VideoDecoder::Effort::kEvery).pictures.size() == 1);
  nvdec.Flush();
  CHECK(nvdec.Decode(units[1], VideoDecoder::Effort::kEvery).damage != "");
  nvdec.Flush();
  const DecodeResult result = nvdec.Decode(units[10], VideoDecoder::Effort::kEvery);
  REQUIRE(result.pictures.size() == 1);
  CHECK(result.pictures.front()->sequence == 10);
}

TEST_CASE("a picture that the card's decoder had to conceal is damage") {
  StandIn stand_in;
  const Context context;
  const std::vector<AccessUnitPtr> units = Numbered(EncodeClip({}));
  NvdecDecoder nvdec(context.cuda, AV_CODEC_ID_H264);
  CHECK(nvdec.Decode(units[0], VideoDecoder::Effort::kEvery).damage == "");
  stand_in.SetFaults("DecodeStatus=9");
  const DecodeResult result = nvdec.Decode(units[1], VideoDecoder::Effort::kEvery);
  CHECK(result.damage == "The card's decoder found errors in a picture");
  CHECK(result.pictures.empty());
}

TEST_CASE("frames that come back are used again, and outlive their decoder") {
  const StandIn stand_in;
  const Context context;
  const std::vector<AccessUnitPtr> units = Numbered(EncodeClip({}));
  PicturePtr last;
  CUdeviceptr first_address = 0;
  {
    NvdecDecoder nvdec(context.cuda, AV_CODEC_ID_H264);
    first_address = nvdec.Decode(units[0], VideoDecoder::Effort::kEvery).pictures.front()->device->memory()->address();
    last = nvdec.Decode(units[1], VideoDecoder::Effort::kEvery).pictures.front();
  }
  CHECK(last->device->memory()->address() == first_address);
  CHECK(NumberOf(*last) == 1);
}

TEST_CASE("what the card cannot decode is refused in words") {
  const StandIn stand_in("CapsUnsupported=1");
  const Context context;
  NvdecDecoder nvdec(context.cuda, AV_CODEC_ID_H264);
  try {
    nvdec.Decode(Numbered(EncodeClip({})).front(), VideoDecoder::Effort::kEvery);
    FAIL("Expected a refusal");
  } catch (const CudaError& error) {
    CHECK(error.failure() == CudaFailure::kUnsupported);
    CHECK(std::string(error.what()) == "GPU 0 cannot decode 8-bit 4:2:0 of this codec");
  }
}

}  // namespace
}  // namespace framewell
