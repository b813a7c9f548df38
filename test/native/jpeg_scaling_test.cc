// Downscaling: sharp where the target can hold the detail, silent where it cannot.
#include <doctest/doctest.h>

extern "C" {
#include <libswscale/swscale.h>
}

#include <cmath>
#include <cstring>
#include <numbers>

#include "jpeg/jfif_converter.h"
#include "jpeg_test_support.h"

namespace framewell {
namespace {

constexpr int kSize = 512;

// Rings whose frequency grows with the radius, up to the finest the source can hold at its corners'
// distance; what survives scaling shows which frequencies were let through.
AvFramePtr ZonePlate() {
  AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUVJ420P, kSize, kSize);
  const auto rings = [](int x, int y) -> testing::Rgb {
    const double dx = x - kSize / 2, dy = y - kSize / 2;
    const double phase = std::numbers::pi / kSize * (dx * dx + dy * dy);
    const int level = static_cast<int>(std::lround(127.5 + 100 * std::cos(phase)));
    return {level, level, level};
  };
  testing::Paint(*frame, rings, testing::kYuvMatrices[2], true);
  return frame;
}

std::vector<uint8_t> LumaByEngine(const AVFrame& frame, PictureSize target) {
  JfifConverter converter;
  return testing::CopyPlanes(converter.Convert(frame, {WholeRegion({frame.width, frame.height}), target}))[0];
}

std::vector<uint8_t> LumaBySwscale(const AVFrame& frame, PictureSize target, int filter) {
  const AvFramePtr scaled = testing::MakeTightFrame(AV_PIX_FMT_YUV420P, target.width, target.height);
  SwsContext* context =
      sws_getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P, target.width, target.height, AV_PIX_FMT_YUV420P,
                     filter | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr);
  REQUIRE(context != nullptr);
  sws_scale(context, frame.data, frame.linesize, 0, frame.height, scaled->data, scaled->linesize);
  sws_freeContext(context);
  std::vector<uint8_t> luma;
  for (int y = 0; y < target.height; ++y) {
    const uint8_t* row = scaled->data[0] + y * scaled->linesize[0];
    luma.insert(luma.end(), row, row + target.width);
  }
  return luma;
}

// Standard deviation of luma in the picture's corner blocks, where the rings are too fine to be
// shown.
double CornerNoise(const std::vector<uint8_t>& luma, PictureSize size) {
  const int block = size.width / 8;
  double sum = 0, squares = 0;
  int count = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const bool in_corner = (x < block || x >= size.width - block) && (y < block || y >= size.height - block);
      if (!in_corner) continue;
      const double value = luma[y * size.width + x];
      sum += value;
      squares += value * value;
      ++count;
    }
  }
  return std::sqrt(squares / count - sum / count * (sum / count));
}

TEST_CASE("a zone plate is scaled as libswscale's Lanczos filter does it") {
  const AvFramePtr frame = ZonePlate();
  for (const PictureSize target : {PictureSize{256, 256}, {128, 128}, {160, 160}, {96, 96}}) {
    CAPTURE(target.width);
    const auto ours = LumaByEngine(*frame, target);
    const auto reference = LumaBySwscale(*frame, target, SWS_LANCZOS);
    const auto aliased = LumaBySwscale(*frame, target, SWS_POINT);
    CHECK(testing::Psnr(ours, reference) > 45);
    CHECK(testing::Psnr(aliased, reference) < 20);
  }
}

TEST_CASE("detail finer than the target can hold becomes an even gray") {
  const AvFramePtr frame = ZonePlate();
  for (const PictureSize target : {PictureSize{128, 128}, {96, 96}}) {
    CAPTURE(target.width);
    CHECK(CornerNoise(LumaByEngine(*frame, target), target) < 1.5);
    CHECK(CornerNoise(LumaBySwscale(*frame, target, SWS_POINT), target) > 30);
  }
}

TEST_CASE("an odd target keeps the scale of an even one") {
  const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUVJ420P, 400, 400);
  const auto ramp = [](int x, int y) -> testing::Rgb { return {(x + y) / 4, (x + y) / 4, (x + y) / 4}; };
  testing::Paint(*frame, ramp, testing::kYuvMatrices[2], true);
  const PictureSize target = {101, 51};
  const auto luma = LumaByEngine(*frame, target);
  for (int y = 4; y < target.height - 4; ++y) {
    for (int x = 4; x < target.width - 4; ++x) {
      const double source_x = (x + 0.5) * 400 / target.width - 0.5;
      const double source_y = (y + 0.5) * 400 / target.height - 0.5;
      REQUIRE(std::abs(luma[y * target.width + x] - (source_x + source_y) / 4) < 1.5);
    }
  }
}

// A chroma ramp along x, sampled where each location says, halved; the result is sited in the
// centre.
TEST_CASE("chroma is taken from where the stream has it") {
  constexpr double kSlope = 3;  // Levels for each luma column.
  const struct {
    AVChromaLocation location;
    double offset;  // Of the first chroma sample, in luma columns.
  } table[] = {{AVCHROMA_LOC_UNSPECIFIED, 0}, {AVCHROMA_LOC_LEFT, 0}, {AVCHROMA_LOC_CENTER, 0.5}};
  for (const auto& row : table) {
    CAPTURE(row.location);
    const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUV420P, 64, 64);
    frame->colorspace = AVCOL_SPC_SMPTE170M;
    frame->color_range = AVCOL_RANGE_JPEG;
    frame->chroma_location = row.location;
    for (int i = 0; i < 32 * 32; ++i) {
      const double x = 2 * (i % 32) + row.offset;
      frame->data[1][i] = frame->data[2][i] = static_cast<uint8_t>(std::lround(20 + kSlope * x));
    }
    JfifConverter converter;
    const auto cb = testing::CopyPlanes(converter.Convert(*frame, {WholeRegion({64, 64}), {32, 32}}))[1];
    for (int x = 4; x < 12; ++x) {
      const double source_x = (2 * x + 1) * 2 - 0.5;
      CHECK(std::abs(cb[8 * 16 + x] - (20 + kSlope * source_x)) < 0.8);
    }
  }
}

TEST_CASE("a chroma location that does not exist counts as not said") {
  const AvFramePtr frame = ZonePlate();
  const auto converted = [&] { return LumaByEngine(*frame, {kSize / 2, kSize / 2}); };
  const auto expected = converted();
  // As libavcodec leaves it.
  const int claimed = 33;
  std::memcpy(&frame->chroma_location, &claimed, sizeof claimed);
  CHECK(converted() == expected);
}

}  // namespace
}  // namespace framewell
