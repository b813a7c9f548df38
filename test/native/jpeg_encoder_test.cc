#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <thread>

#include "engine_error.h"
#include "jpeg/jpeg_encoder.h"
#include "jpeg_test_support.h"

namespace framewell {
namespace {

const testing::YuvMatrix& Bt709() { return testing::kYuvMatrices[0]; }

AvFramePtr NaturalFrame(AVPixelFormat format, int width, int height) {
  AvFramePtr frame = testing::MakeTightFrame(format, width, height);
  testing::Paint(*frame, testing::NaturalPicture(), Bt709(), false);
  return frame;
}

AvFramePtr FlatFrame(AVPixelFormat format, int width, int height, testing::Rgb color) {
  AvFramePtr frame = testing::MakeTightFrame(format, width, height);
  testing::Paint(
      *frame, [color](int, int) { return color; }, Bt709(), false);
  return frame;
}

std::string ErrorCode(const AVFrame& frame, const JpegOptions& options) {
  try {
    JpegEncoder().Encode(frame, options);
  } catch (const EngineError& error) {
    return error.code() + ": " + error.what();
  }
  return "no error";
}

bool Equal(const JpegBytes& a, const JpegBytes& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

TEST_CASE("pictures of every size are encoded whole, at their size and smaller") {
  const testing::Rgb color = {180, 120, 60};
  JpegEncoder encoder;
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_NV12, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P,
                                     AV_PIX_FMT_YUV411P, AV_PIX_FMT_YUV410P, AV_PIX_FMT_YUV420P10, AV_PIX_FMT_P010,
                                     AV_PIX_FMT_YUYV422, AV_PIX_FMT_GBRP, AV_PIX_FMT_BGR24}) {
    for (const PictureSize size :
         {PictureSize{1, 1}, {1, 17}, {17, 1}, {2, 2}, {3, 2}, {15, 9}, {16, 16}, {33, 31}, {64, 48}, {130, 66}}) {
      for (const int max_width : {0, 1, 7, 20}) {
        CAPTURE(av_get_pix_fmt_name(format));
        CAPTURE(size.width);
        CAPTURE(size.height);
        CAPTURE(max_width);
        const AvFramePtr frame = FlatFrame(format, size.width, size.height, color);
        const JpegOptions options = {.quality = 95, .max_width = max_width};
        const auto picture = testing::DecodeToRgb(encoder.Encode(*frame, options));
        const PictureSize expected = FitInside(size, max_width, 0);
        REQUIRE(picture.width == expected.width);
        REQUIRE(picture.height == expected.height);
        int worst = 0;
        for (int y = 0; y < picture.height; ++y) {
          for (int x = 0; x < picture.width; ++x) {
            worst = std::max(worst, testing::MaxDifference(picture.At(x, y), color));
          }
        }
        CHECK(worst <= 4);
      }
    }
  }
}

TEST_CASE("odd full-range frames, whose last pair is not all there, are not read beyond") {
  JpegEncoder encoder;
  for (const PictureSize size : {PictureSize{1, 1}, {16, 1}, {1, 16}, {33, 32}, {32, 33}, {31, 33}}) {
    CAPTURE(size.width);
    CAPTURE(size.height);
    const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUVJ420P, size.width, size.height);
    testing::Paint(*frame, testing::NaturalPicture(), testing::kYuvMatrices[2], true);
    const auto picture = testing::DecodeToRgb(encoder.Encode(*frame, {.quality = 90}));
    CHECK(picture.width == size.width);
    CHECK(picture.height == size.height);
  }
}

TEST_CASE("large frames") {
  const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUV420P, 8192, 8192);
  for (int i = 0; i < 3; ++i) {
    std::memset(frame->data[i], 128, static_cast<size_t>(frame->linesize[i]) * (i ? 4096 : 8192));
  }
  JpegEncoder encoder;
  CHECK(testing::DecodeToRgb(encoder.Encode(*frame, {.quality = 50})).height == 8192);
  CHECK(testing::DecodeToRgb(encoder.Encode(*frame, {.quality = 50, .max_height = 90})).width == 90);
}

TEST_CASE("anamorphic frames become square pixels") {
  const AvFramePtr frame = NaturalFrame(AV_PIX_FMT_YUV420P, 72, 58);
  frame->sample_aspect_ratio = {16, 11};
  const auto wide = testing::DecodeToRgb(JpegEncoder().Encode(*frame, {.quality = 80}));
  CHECK(wide.width == 105);
  CHECK(wide.height == 58);
  frame->sample_aspect_ratio = {8, 9};
  const auto tall = testing::DecodeToRgb(JpegEncoder().Encode(*frame, {.quality = 80}));
  CHECK(tall.width == 72);
  CHECK(tall.height == 65);
}

TEST_CASE("cropped frames show what is inside the crop only") {
  const testing::Rgb inside = {30, 160, 90}, outside = {255, 255, 255};
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P10, AV_PIX_FMT_NV12}) {
    CAPTURE(av_get_pix_fmt_name(format));
    const AvFramePtr frame = testing::MakeTightFrame(format, 80, 60);
    const auto framed = [&](int x, int y) { return x >= 10 && x < 72 && y >= 6 && y < 56 ? inside : outside; };
    testing::Paint(*frame, framed, Bt709(), false);
    frame->crop_left = 10;
    frame->crop_right = 8;
    frame->crop_top = 6;
    frame->crop_bottom = 4;
    const auto picture = testing::DecodeToRgb(JpegEncoder().Encode(*frame, {.quality = 97}));
    REQUIRE(picture.width == 62);
    REQUIRE(picture.height == 50);
    int worst = 0;
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        worst = std::max(worst, testing::MaxDifference(picture.At(x, y), inside));
      }
    }
    CHECK(worst <= 3);
    CHECK(frame->crop_left == 10);  // The caller's frame is only read.
  }
}

TEST_CASE("more quality is more bytes and a closer picture") {
  const AvFramePtr frame = testing::MakeTightFrame(AV_PIX_FMT_YUVJ420P, 160, 120);
  testing::Paint(*frame, testing::NaturalPicture(), testing::kYuvMatrices[2], true);
  JpegEncoder encoder;
  const auto best = testing::DecodeToRgb(encoder.Encode(*frame, {.quality = 100}));
  size_t last_size = 0;
  double last_psnr = 0;
  for (const int quality : {1, 30, 60, 90}) {
    CAPTURE(quality);
    const JpegBytes jpeg = encoder.Encode(*frame, {.quality = quality});
    const double psnr = testing::Psnr(testing::DecodeToRgb(jpeg).samples, best.samples);
    CHECK(jpeg.size() > last_size);
    CHECK(psnr > last_psnr);
    last_size = jpeg.size();
    last_psnr = psnr;
  }
}

TEST_CASE("an encoder gives the same bytes whatever it encoded before") {
  const AvFramePtr frame = NaturalFrame(AV_PIX_FMT_YUV420P, 97, 55);
  const JpegOptions options = {.quality = 75, .max_width = 40};
  const JpegBytes fresh = JpegEncoder().Encode(*frame, options);
  JpegEncoder used;
  // More sizes than graphs are kept, so that the first is built again.
  for (int width = 20; width < 60; ++width) {
    used.Encode(*frame, {.quality = 50, .max_width = width});
  }
  CHECK(Equal(used.Encode(*frame, options), fresh));
}

TEST_CASE("encoders of two threads share a frame") {
  const AvFramePtr frame = NaturalFrame(AV_PIX_FMT_YUV420P, 322, 182);
  const auto encode = [&frame](int rounds, int max_width) {
    JpegEncoder encoder;
    for (int i = 1; i < rounds; ++i) encoder.Encode(*frame, {.quality = 70, .max_width = max_width});
    return encoder.Encode(*frame, {.quality = 70, .max_width = max_width});
  };
  for (const int max_width : {0, 100}) {
    const JpegBytes expected = encode(1, max_width);
    bool first_equal = false, second_equal = false;
    std::thread first([&] { first_equal = Equal(encode(20, max_width), expected); });
    std::thread second([&] { second_equal = Equal(encode(20, max_width), expected); });
    first.join();
    second.join();
    CHECK(first_equal);
    CHECK(second_equal);
  }
}

TEST_CASE("the file is plain JFIF") {
  const JpegBytes jpeg = JpegEncoder().Encode(*NaturalFrame(AV_PIX_FMT_YUV420P, 32, 32), {.quality = 80});
  // ITU-T T.871 10.1: SOI, then APP0 with "JFIF".
  const uint8_t start[] = {0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0x00};
  CHECK(std::memcmp(jpeg.data(), start, sizeof start) == 0);
  CHECK(jpeg.data()[jpeg.size() - 2] == 0xFF);
  CHECK(jpeg.data()[jpeg.size() - 1] == 0xD9);
}

TEST_CASE("released bytes outlive their owner") {
  const AvFramePtr frame = NaturalFrame(AV_PIX_FMT_YUV420P, 32, 32);
  JpegEncoder encoder;
  JpegBytes jpeg = encoder.Encode(*frame, {.quality = 80});
  const size_t size = jpeg.size();
  const JpegBytes owner(JpegBytes::Buffer(jpeg.Release()), size);
  CHECK(jpeg.data() == nullptr);
  CHECK(Equal(owner, encoder.Encode(*frame, {.quality = 80})));
}

TEST_CASE("what cannot be encoded is declined by name") {
  const AvFramePtr frame = NaturalFrame(AV_PIX_FMT_YUV420P, 32, 32);
  CHECK(ErrorCode(*frame, {.quality = 0}) == "ERR_ENCODE_FAILED: Expected integer 1-100 for quality but received 0");
  CHECK(ErrorCode(*frame, {.quality = 101}) ==
        "ERR_ENCODE_FAILED: Expected integer 1-100 for quality but received 101");

  const AvFramePtr palette = testing::MakeTightFrame(AV_PIX_FMT_PAL8, 16, 16);
  CHECK(ErrorCode(*palette, {.quality = 80}) ==
        "ERR_PIXEL_FORMAT_UNSUPPORTED: Expected a pixel format of 8 to 16-bit integer samples but "
        "received pal8");
  const AvFramePtr unequal = testing::MakeTightFrame(AV_PIX_FMT_RGB565, 16, 16);
  CHECK(ErrorCode(*unequal, {.quality = 80}).starts_with("ERR_PIXEL_FORMAT_UNSUPPORTED"));
  frame->format = AV_PIX_FMT_VAAPI;
  CHECK(ErrorCode(*frame, {.quality = 80}).starts_with("ERR_PIXEL_FORMAT_UNSUPPORTED"));
  frame->format = AV_PIX_FMT_NONE;
  CHECK(ErrorCode(*frame, {.quality = 80}).starts_with("ERR_PIXEL_FORMAT_UNSUPPORTED"));

  CHECK(ErrorCode(*AvFramePtr(av_frame_alloc()), {.quality = 80}).starts_with("ERR_ENCODE_FAILED"));
  const AvFramePtr wide = FlatFrame(AV_PIX_FMT_YUV420P, 65502, 2, {0, 0, 0});
  CHECK(ErrorCode(*wide, {.quality = 80}) ==
        "ERR_ENCODE_FAILED: Expected a picture of at most 65500x65500 pixels but received 65502x2");
}

}  // namespace
}  // namespace framewell
