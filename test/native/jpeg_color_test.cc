// Known colours through the whole encoder and back out of the JPEG.
#include <doctest/doctest.h>

#include <vector>

#include "jpeg/jpeg_encoder.h"
#include "jpeg_test_support.h"

namespace framewell {
namespace {

using testing::Rgb;

constexpr int kPatch = 32;
constexpr int kColumns = 4;
constexpr Rgb kColors[] = {
    {255, 255, 255}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0},    {191, 0, 191}, {191, 0, 0},
    {0, 0, 191},     {0, 0, 0},     {255, 0, 0},   {0, 255, 0},    {0, 0, 255},   {128, 128, 128},
    {200, 150, 120}, {60, 90, 40},  {20, 30, 70},  {235, 16, 128},
};
constexpr int kRows = std::size(kColors) / kColumns;

Rgb PatchAt(int x, int y) { return kColors[y / kPatch * kColumns + x / kPatch]; }

int WorstPatch(AVPixelFormat format, const testing::YuvMatrix& matrix, bool full_range, const JpegOptions& options) {
  const AvFramePtr frame = testing::MakeTightFrame(format, kColumns * kPatch, kRows * kPatch);
  testing::Paint(*frame, PatchAt, matrix, full_range);
  const auto picture = testing::DecodeToRgb(JpegEncoder().Encode(*frame, options));
  const double scale = static_cast<double>(picture.width) / frame->width;
  int worst = 0;
  for (int y = kPatch / 2; y < frame->height; y += kPatch) {
    for (int x = kPatch / 2; x < frame->width; x += kPatch) {
      const Rgb actual = picture.At(static_cast<int>(x * scale), static_cast<int>(y * scale));
      worst = std::max(worst, testing::MaxDifference(actual, PatchAt(x, y)));
    }
  }
  return worst;
}

TEST_CASE("colours survive every matrix, range, depth and subsampling") {
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV420P10,
                                     AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV444P10, AV_PIX_FMT_NV12}) {
    for (const testing::YuvMatrix& matrix : testing::kYuvMatrices) {
      for (const bool full_range : {false, true}) {
        CAPTURE(av_get_pix_fmt_name(format));
        CAPTURE(matrix.flag);
        CAPTURE(full_range);
        CHECK(WorstPatch(format, matrix, full_range, {.quality = 97}) <= 3);
        CHECK(WorstPatch(format, matrix, full_range, {.quality = 97, .max_width = 64}) <= 3);
      }
    }
  }
}

TEST_CASE("colours survive the rarer formats") {
  for (const AVPixelFormat format :
       {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV411P, AV_PIX_FMT_YUV410P, AV_PIX_FMT_YUV440P,
        AV_PIX_FMT_YUV420P12, AV_PIX_FMT_YUV444P16, AV_PIX_FMT_YUV420P10BE, AV_PIX_FMT_YUVA420P, AV_PIX_FMT_P010,
        AV_PIX_FMT_NV16, AV_PIX_FMT_YUYV422, AV_PIX_FMT_UYVY422, AV_PIX_FMT_GBRP, AV_PIX_FMT_GBRP10, AV_PIX_FMT_RGB24,
        AV_PIX_FMT_BGRA}) {
    CAPTURE(av_get_pix_fmt_name(format));
    CHECK(WorstPatch(format, testing::kYuvMatrices.front(), true, {.quality = 97}) <= 3);
  }
}

TEST_CASE("gray pictures stay gray, in either range and depth") {
  for (const AVPixelFormat format : {AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY10, AV_PIX_FMT_GRAY16, AV_PIX_FMT_YA8}) {
    for (const bool full_range : {false, true}) {
      CAPTURE(av_get_pix_fmt_name(format));
      CAPTURE(full_range);
      const AvFramePtr frame = testing::MakeTightFrame(format, 256, 16);
      testing::Paint(
          *frame,
          [](int x, int) -> Rgb {
            return {x, x, x};
          },
          testing::kYuvMatrices.front(), full_range);
      const auto picture = testing::DecodeToRgb(JpegEncoder().Encode(*frame, {.quality = 97}));
      int worst = 0;
      for (int x = 0; x < 256; ++x) {
        worst = std::max(worst, testing::MaxDifference(picture.At(x, 8), {x, x, x}));
      }
      CHECK(worst <= 2);
    }
  }
}

// A 10-bit ramp has four codes per 8-bit level; a conversion that first cut it to 8 bits of limited
// range would be off by more.
TEST_CASE("10-bit pictures are rounded once") {
  for (const testing::YuvMatrix& matrix : testing::kYuvMatrices) {
    const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUV420P10, 1024, 2);
    frame->colorspace = matrix.flag;
    frame->color_range = AVCOL_RANGE_MPEG;
    const int cb = 420, cr = 580;
    for (int x = 0; x < 1024; ++x) {
      for (int y = 0; y < 2; ++y) {
        reinterpret_cast<uint16_t*>(frame->data[0] + y * frame->linesize[0])[x] = static_cast<uint16_t>(x);
      }
      reinterpret_cast<uint16_t*>(frame->data[1])[x / 2] = cb;
      reinterpret_cast<uint16_t*>(frame->data[2])[x / 2] = cr;
    }
    JfifConverter converter;
    const YuvPlanes planes = converter.Convert(*frame, {WholeRegion({1024, 2}), {1024, 2}});
    const double b = (cb - 512) / 896.0 * 2 * (1 - matrix.kb);
    const double r = (cr - 512) / 896.0 * 2 * (1 - matrix.kr);
    const double g = -(matrix.kr * r + matrix.kb * b) / (1 - matrix.kr - matrix.kb);
    double worst = 0;
    for (int x = 64; x < 940; ++x) {
      const double y = (x - 64) / 876.0;
      const auto expected = testing::ToYuv({y + r, y + g, y + b}, 0.299, 0.114);
      worst = std::max(worst, std::abs(planes.data[0][x] - std::clamp(255 * expected[0], 0., 255.)));
    }
    CAPTURE(matrix.flag);
    CHECK(worst < 0.6);
  }
}

}  // namespace
}  // namespace framewell
