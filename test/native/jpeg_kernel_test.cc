// The integer conversion against the standards' formulas and against zimg.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "jpeg/jfif_converter.h"
#include "jpeg/jfif_kernel.h"
#include "jpeg/zimg_converter.h"
#include "jpeg_test_support.h"

namespace framewell {
namespace {

using testing::kYuvMatrices;
using testing::YuvMatrix;

PictureColor ColorOf(const YuvMatrix& matrix, bool full_range) {
  AvFramePtr frame(av_frame_alloc());
  frame->format = AV_PIX_FMT_YUV420P;
  frame->colorspace = matrix.flag;
  frame->color_range = full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  return ResolveColor(*frame);
}

// Through RGB, in floating point.
std::array<double, 3> ReferenceJfif(const std::array<int, 3>& sample, const YuvMatrix& matrix, bool full_range) {
  const double y = full_range ? sample[0] / 255.0 : (sample[0] - 16) / 219.0;
  const double chroma_unit = full_range ? 255 : 224;
  const double cb = (sample[1] - 128) / chroma_unit;
  const double cr = (sample[2] - 128) / chroma_unit;
  const double r = y + 2 * (1 - matrix.kr) * cr;
  const double b = y + 2 * (1 - matrix.kb) * cb;
  const double g = (y - matrix.kr * r - matrix.kb * b) / (1 - matrix.kr - matrix.kb);
  const auto jfif = testing::ToYuv({r, g, b}, 0.299, 0.114);
  return {std::clamp(255 * jfif[0], 0.0, 255.0), std::clamp(255 * jfif[1] + 128, 0.0, 255.0),
          std::clamp(255 * jfif[2] + 128, 0.0, 255.0)};
}

TEST_CASE("every sample value is converted within rounding of the formulas") {
  for (const YuvMatrix& matrix : kYuvMatrices) {
    for (const bool full_range : {false, true}) {
      CAPTURE(matrix.flag);
      CAPTURE(full_range);
      const JfifCoefficients coefficients = CoefficientsToJfif(ColorOf(matrix, full_range));
      double worst = 0;
      for (int cb = 0; cb < 256; cb += 5) {
        for (int cr = 0; cr < 256; cr += 5) {
          const uint8_t cb_sample = static_cast<uint8_t>(cb), cr_sample = static_cast<uint8_t>(cr);
          uint8_t out_cb, out_cr;
          int16_t luma_terms[2];
          ConvertChromaRow(coefficients, &cb_sample, &cr_sample, 1, &out_cb, &out_cr, luma_terms);
          for (int y = 0; y < 256; y += 3) {
            const uint8_t y_sample = static_cast<uint8_t>(y);
            uint8_t out_y;
            ConvertLumaRow(coefficients, &y_sample, luma_terms, 1, &out_y);
            const auto expected = ReferenceJfif({y, cb, cr}, matrix, full_range);
            worst = std::max(
                {worst, std::abs(out_y - expected[0]), std::abs(out_cb - expected[1]), std::abs(out_cr - expected[2])});
          }
        }
      }
      CHECK(worst < 0.6);
    }
  }
}

TEST_CASE("JFIF's own colours come through unchanged") {
  const JfifCoefficients coefficients = CoefficientsToJfif(kJfifColor);
  for (int value = 0; value < 256; ++value) {
    const uint8_t sample = static_cast<uint8_t>(value);
    uint8_t out_cb, out_cr, out_y;
    int16_t luma_terms[2];
    ConvertChromaRow(coefficients, &sample, &sample, 1, &out_cb, &out_cr, luma_terms);
    ConvertLumaRow(coefficients, &sample, luma_terms, 1, &out_y);
    REQUIRE(out_cb == value);
    REQUIRE(out_cr == value);
    REQUIRE(out_y == value);
  }
}

// 709's luma needs chroma at luma's resolution, which zimg interpolates and the kernel repeats.
TEST_CASE("natural pictures agree with zimg's") {
  for (const YuvMatrix& matrix : kYuvMatrices) {
    for (const bool full_range : {false, true}) {
      CAPTURE(matrix.flag);
      CAPTURE(full_range);
      const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUV420P, 354, 240);
      testing::Paint(*frame, testing::NaturalPicture(), matrix, full_range);
      const PictureSize size = {frame->width, frame->height};
      const Framing whole = {WholeRegion(size), size};
      JfifConverter converter;
      ZimgConverter zimg;
      const auto ours = testing::CopyPlanes(converter.Convert(*frame, whole));
      const auto reference = testing::CopyPlanes(zimg.Convert(*frame, ResolveColor(*frame), whole));
      const bool same_matrix = matrix.kr == 0.299;
      for (int plane = 0; plane < 3; ++plane) {
        CAPTURE(plane);
        CHECK(testing::Psnr(ours[plane], reference[plane]) >= (same_matrix ? 65 : 50));
      }
    }
  }
}

TEST_CASE("NV12 gives the planes that planar 4:2:0 gives") {
  const auto planes_of = [](AVPixelFormat format) {
    const AvFramePtr frame = testing::MakeTightFrame(format, 103, 57);
    testing::Paint(*frame, testing::NaturalPicture(), kYuvMatrices.front(), false);
    JfifConverter converter;
    return testing::CopyPlanes(converter.Convert(*frame, {WholeRegion({103, 57}), {103, 57}}));
  };
  CHECK(planes_of(AV_PIX_FMT_NV12) == planes_of(AV_PIX_FMT_YUV420P));
}

TEST_CASE("a full-range BT.601 frame is compressed from its own memory") {
  const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUVJ420P, 64, 48);
  testing::Paint(*frame, testing::NaturalPicture(), kYuvMatrices[2], true);
  JfifConverter converter;
  const YuvPlanes planes = converter.Convert(*frame, {WholeRegion({64, 48}), {64, 48}});
  for (int i = 0; i < 3; ++i) {
    CHECK(planes.data[i] == frame->data[i]);
    CHECK(planes.stride[i] == frame->linesize[i]);
  }
}

}  // namespace
}  // namespace framewell
