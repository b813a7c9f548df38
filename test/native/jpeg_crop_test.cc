// A part of a picture is what the whole picture shows there.
#include <doctest/doctest.h>

#include "jpeg/jfif_converter.h"
#include "jpeg/jpeg_encoder.h"
#include "jpeg_test_support.h"

namespace framewell {
namespace {

constexpr PictureSize kSize = {354, 240};

AvFramePtr NaturalFrame(AVPixelFormat format, PictureSize size = kSize) {
  AvFramePtr frame = testing::MakeTightFrame(format, size.width, size.height);
  testing::Paint(*frame, testing::NaturalPicture(), testing::kYuvMatrices.front(), false);
  return frame;
}

std::array<std::vector<uint8_t>, 3> PlanesOf(const AVFrame& frame, const Framing& framing) {
  JfifConverter converter;
  return testing::CopyPlanes(converter.Convert(frame, framing));
}

std::vector<uint8_t> CutFrom(const std::vector<uint8_t>& plane, int width, const CropRectangle& part) {
  std::vector<uint8_t> cut;
  for (int y = part.y; y < part.y + part.height; ++y) {
    const auto row = plane.begin() + y * width + part.x;
    cut.insert(cut.end(), row, row + part.width);
  }
  return cut;
}

Framing PartOf(const AVFrame& frame, const CropRectangle& part) {
  return ChooseFraming({frame.width, frame.height}, DisplaySize(frame), {.quality = 80, .crop = part});
}

// 4:2:0 is cut out with its chroma where the part begins at even columns and rows.
TEST_CASE("a part on even columns and rows has the samples of the whole") {
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_NV12}) {
    CAPTURE(av_get_pix_fmt_name(format));
    const AvFramePtr frame = NaturalFrame(format);
    const auto whole = PlanesOf(*frame, {WholeRegion(kSize), kSize});
    for (const CropRectangle& part :
         {CropRectangle{0, 0, 100, 60}, {2, 4, 97, 31}, {100, 38, 254, 202}, {352, 238, 2, 2}, {352, 238, 1, 1}}) {
      CAPTURE(part.x);
      const auto planes = PlanesOf(*frame, PartOf(*frame, part));
      CHECK(planes[0] == CutFrom(whole[0], kSize.width, part));
      const CropRectangle chroma = {part.x / 2, part.y / 2, (part.width + 1) / 2, (part.height + 1) / 2};
      CHECK(planes[1] == CutFrom(whole[1], kSize.width / 2, chroma));
      CHECK(planes[2] == CutFrom(whole[2], kSize.width / 2, chroma));
    }
  }
}

TEST_CASE("luma of any part is that of the whole, in every pixel format") {
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_NV12, AV_PIX_FMT_YUV420P10, AV_PIX_FMT_P010,
                                     AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUYV422, AV_PIX_FMT_GBRP}) {
    CAPTURE(av_get_pix_fmt_name(format));
    const AvFramePtr frame = NaturalFrame(format);
    const auto whole = PlanesOf(*frame, {WholeRegion(kSize), kSize})[0];
    for (const CropRectangle& part : {CropRectangle{1, 0, 64, 64},
                                      {0, 1, 64, 64},
                                      {3, 5, 97, 31},
                                      {202, 139, 152, 101},
                                      {353, 239, 1, 1},
                                      {8, 8, 64, 64}}) {
      CAPTURE(part.x);
      CAPTURE(part.y);
      const auto luma = PlanesOf(*frame, PartOf(*frame, part))[0];
      CHECK(testing::Psnr(luma, CutFrom(whole, kSize.width, part)) > 48);
    }
  }
}

// A ramp is interpolated without error, so that its value tells the place it was taken from.
TEST_CASE("chroma of a part is that of its own place, also between the frame's samples") {
  constexpr double kSlope = 2;  // Levels for each luma column or row.
  for (const AVChromaLocation location : {AVCHROMA_LOC_LEFT, AVCHROMA_LOC_CENTER, AVCHROMA_LOC_TOPLEFT}) {
    const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUV420P, 64, 64);
    frame->colorspace = AVCOL_SPC_SMPTE170M;
    frame->color_range = AVCOL_RANGE_JPEG;
    frame->chroma_location = location;
    const double offset_x = location == AVCHROMA_LOC_CENTER ? 0.5 : 0;
    const double offset_y = location == AVCHROMA_LOC_TOPLEFT ? 0 : 0.5;
    for (int i = 0; i < 32 * 32; ++i) {
      frame->data[1][i] = static_cast<uint8_t>(std::lround(20 + kSlope * (2 * (i % 32) + offset_x)));
      frame->data[2][i] = static_cast<uint8_t>(std::lround(20 + kSlope * (2 * (i / 32) + offset_y)));
    }
    for (const CropRectangle& part : {CropRectangle{13, 11, 32, 32}, {13, 10, 32, 32}, {12, 11, 32, 32}}) {
      CAPTURE(location);
      CAPTURE(part.x);
      CAPTURE(part.y);
      const auto planes = PlanesOf(*frame, PartOf(*frame, part));
      // JFIF's place is the centre; a frame's own is kept where no column has to be computed.
      const double target_x = part.x % 2 != 0 ? 0.5 : offset_x;
      const double target_y = part.x % 2 != 0 ? 0.5 : offset_y;
      for (int i = 2; i < 14; ++i) {
        CHECK(std::abs(planes[1][8 * 16 + i] - (20 + kSlope * (part.x + 2 * i + target_x))) < 0.8);
        CHECK(std::abs(planes[2][i * 16 + 8] - (20 + kSlope * (part.y + 2 * i + target_y))) < 0.8);
      }
    }
  }
}

TEST_CASE("a part that is scaled down is cut from the picture scaled down") {
  const AvFramePtr frame = NaturalFrame(AV_PIX_FMT_YUV420P, {320, 240});
  const auto whole = PlanesOf(*frame, {WholeRegion({320, 240}), {160, 120}})[0];
  const Framing framing =
      ChooseFraming({320, 240}, {320, 240}, {.quality = 80, .max_width = 80, .crop = CropRectangle{82, 62, 160, 120}});
  CHECK(testing::Psnr(PlanesOf(*frame, framing)[0], CutFrom(whole, 160, {41, 31, 80, 60})) > 48);
}

TEST_CASE("a part of an anamorphic picture lies where the picture shows it") {
  const AvFramePtr frame = NaturalFrame(AV_PIX_FMT_YUV420P);
  frame->sample_aspect_ratio = {16, 11};
  const PictureSize display = DisplaySize(*frame);
  REQUIRE(display.width == 515);
  const auto whole = PlanesOf(*frame, {WholeRegion(kSize), display})[0];
  for (const CropRectangle& part : {CropRectangle{0, 0, 200, 150}, {257, 31, 200, 150}, {315, 90, 200, 150}}) {
    CAPTURE(part.x);
    CHECK(testing::Psnr(PlanesOf(*frame, PartOf(*frame, part))[0], CutFrom(whole, display.width, part)) > 45);
  }
}

// A frame without a matrix has that of its size; a part of it has no other.
TEST_CASE("a small part of a large picture keeps the picture's colours") {
  const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUV420P, 1280, 720);
  const testing::Rgb color = {30, 160, 60};
  testing::Paint(
      *frame, [&](int, int) { return color; }, testing::kYuvMatrices.front(), false);
  frame->colorspace = AVCOL_SPC_UNSPECIFIED;
  for (const CropRectangle& part : {CropRectangle{0, 0, 64, 64}, {601, 301, 64, 64}}) {
    const auto picture = testing::DecodeToRgb(JpegEncoder().Encode(*frame, {.quality = 97, .crop = part}));
    CHECK(picture.width == 64);
    CHECK(picture.height == 64);
    CHECK(testing::MaxDifference(picture.At(32, 32), color) <= 3);
  }
}

TEST_CASE("a part of a frame that libavcodec left to crop") {
  const AvFramePtr frame = NaturalFrame(AV_PIX_FMT_YUV420P);
  const auto whole = PlanesOf(*frame, {WholeRegion(kSize), kSize})[0];
  const auto expected =
      testing::DecodeToRgb(JpegEncoder().Encode(*frame, {.quality = 97, .crop = CropRectangle{16, 12, 64, 48}}));
  frame->crop_left = 6;
  frame->crop_top = 2;
  const auto picture =
      testing::DecodeToRgb(JpegEncoder().Encode(*frame, {.quality = 97, .crop = CropRectangle{10, 10, 64, 48}}));
  CHECK(picture.samples == expected.samples);
}

TEST_CASE("cover shows the middle") {
  const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUV420P, 400, 200);
  const auto thirds = [](int x, int) -> testing::Rgb {
    return x < 100 ? testing::Rgb{200, 30, 30} : x < 300 ? testing::Rgb{30, 200, 30} : testing::Rgb{30, 30, 200};
  };
  testing::Paint(*frame, thirds, testing::kYuvMatrices[2], false);
  const auto picture = testing::DecodeToRgb(
      JpegEncoder().Encode(*frame, {.quality = 97, .max_width = 50, .max_height = 50, .fit = Fit::kCover}));
  REQUIRE(picture.width == 50);
  REQUIRE(picture.height == 50);
  for (const int x : {2, 25, 47}) CHECK(testing::MaxDifference(picture.At(x, 25), {30, 200, 30}) <= 6);
}

}  // namespace
}  // namespace framewell
