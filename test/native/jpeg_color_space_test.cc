#include <doctest/doctest.h>

#include <vector>

#include "ffmpeg_handles.h"
#include "jpeg/color_space.h"

namespace framewell {
namespace {

struct Flags {
  AVPixelFormat format = AV_PIX_FMT_YUV420P;
  int width = 640;
  int height = 480;
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
};

PictureColor ColorOf(const Flags& flags) {
  AvFramePtr frame(av_frame_alloc());
  frame->format = flags.format;
  frame->width = flags.width;
  frame->height = flags.height;
  frame->colorspace = flags.matrix;
  frame->color_range = flags.range;
  return ResolveColor(*frame);
}

TEST_CASE("the stream's own flags decide") {
  const struct {
    AVColorSpace flag;
    ColorMatrix matrix;
  } table[] = {
      {AVCOL_SPC_BT709, ColorMatrix::kBt709},         {AVCOL_SPC_FCC, ColorMatrix::kFcc},
      {AVCOL_SPC_BT470BG, ColorMatrix::kBt601},       {AVCOL_SPC_SMPTE170M, ColorMatrix::kBt601},
      {AVCOL_SPC_SMPTE240M, ColorMatrix::kSmpte240m}, {AVCOL_SPC_BT2020_NCL, ColorMatrix::kBt2020},
      {AVCOL_SPC_BT2020_CL, ColorMatrix::kBt2020},
  };
  for (const auto& row : table) {
    CAPTURE(row.flag);
    CHECK(ColorOf({.matrix = row.flag, .range = AVCOL_RANGE_MPEG}) == PictureColor{row.matrix, false});
    CHECK(ColorOf({.width = 1920, .height = 1080, .matrix = row.flag, .range = AVCOL_RANGE_JPEG}) ==
          PictureColor{row.matrix, true});
  }
}

TEST_CASE("an unspecified matrix follows the picture's size") {
  CHECK(ColorOf({.width = 720, .height = 576}).matrix == ColorMatrix::kBt601);
  CHECK(ColorOf({.width = 1024, .height = 576}).matrix == ColorMatrix::kBt601);
  CHECK(ColorOf({.width = 720, .height = 578}).matrix == ColorMatrix::kBt709);
  CHECK(ColorOf({.width = 1026, .height = 480}).matrix == ColorMatrix::kBt709);
}

TEST_CASE("a YCbCr picture that claims to be RGB gets the default matrix") {
  CHECK(ColorOf({.matrix = AVCOL_SPC_RGB}).matrix == ColorMatrix::kBt601);
}

TEST_CASE("an unspecified range is limited, except for RGB and JPEG's formats") {
  CHECK_FALSE(ColorOf({}).full_range);
  CHECK_FALSE(ColorOf({.format = AV_PIX_FMT_GRAY8}).full_range);
  CHECK(ColorOf({.format = AV_PIX_FMT_YUVJ422P}).full_range);
  // The format is older than the flag and says more: libavcodec sets it from the stream itself.
  CHECK(ColorOf({.format = AV_PIX_FMT_YUVJ420P, .range = AVCOL_RANGE_MPEG}).full_range);
  CHECK(ColorOf({.format = AV_PIX_FMT_GBRP}) == PictureColor{ColorMatrix::kRgb, true});
  CHECK(ColorOf({.format = AV_PIX_FMT_GBRP, .range = AVCOL_RANGE_MPEG}) == PictureColor{ColorMatrix::kRgb, false});
}

}  // namespace
}  // namespace framewell
