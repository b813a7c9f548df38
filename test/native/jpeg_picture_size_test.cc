#include <doctest/doctest.h>

#include "ffmpeg_handles.h"
#include "jpeg/picture_size.h"

namespace framewell {
namespace {

AvFramePtr FrameOf(int width, int height, AVRational sample_aspect) {
  AvFramePtr frame(av_frame_alloc());
  frame->width = width;
  frame->height = height;
  frame->sample_aspect_ratio = sample_aspect;
  return frame;
}

void CheckSize(PictureSize actual, int width, int height) {
  CHECK(actual.width == width);
  CHECK(actual.height == height);
}

TEST_CASE("wide samples widen the picture, tall ones heighten it") {
  CheckSize(DisplaySize(*FrameOf(720, 576, {16, 11})), 1047, 576);
  CheckSize(DisplaySize(*FrameOf(720, 480, {8, 9})), 720, 540);
  CheckSize(DisplaySize(*FrameOf(1280, 720, {1, 1})), 1280, 720);
}

TEST_CASE("an unknown or absurd sample aspect ratio is taken for square") {
  for (const AVRational ratio : {AVRational{0, 1}, {1, 0}, {0, 0}, {-4, 3}, {9, 1}, {1, 9}, {1, 100000}}) {
    CAPTURE(ratio.num);
    CAPTURE(ratio.den);
    CheckSize(DisplaySize(*FrameOf(640, 480, ratio)), 640, 480);
  }
}

TEST_CASE("cropping comes off before the aspect is applied") {
  const AvFramePtr frame = FrameOf(736, 488, {2, 1});
  frame->crop_left = 6;
  frame->crop_right = 10;
  frame->crop_top = 2;
  frame->crop_bottom = 6;
  CheckSize(DisplaySize(*frame), 1440, 480);
}

TEST_CASE("pictures are fitted inside the bounds and never enlarged") {
  CheckSize(FitInside({1280, 720}, 0, 0), 1280, 720);
  CheckSize(FitInside({1280, 720}, 320, 0), 320, 180);
  CheckSize(FitInside({1280, 720}, 0, 180), 320, 180);
  CheckSize(FitInside({1280, 720}, 320, 100), 178, 100);
  CheckSize(FitInside({1280, 720}, 4000, 3000), 1280, 720);
  CheckSize(FitInside({1280, 720}, 33, 0), 33, 19);
  CheckSize(FitInside({8192, 2}, 16, 16), 16, 1);
}

}  // namespace
}  // namespace framewell
