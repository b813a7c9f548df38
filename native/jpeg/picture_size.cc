#include "jpeg/picture_size.h"

#include <algorithm>
#include <cmath>

namespace framewell {
namespace {

constexpr double kMaxSampleAspect = 8;

int Scale(int length, double factor) { return std::max(1, static_cast<int>(std::lround(length * factor))); }

double SampleAspect(const AVFrame& frame) {
  const AVRational ratio = frame.sample_aspect_ratio;
  if (ratio.num <= 0 || ratio.den <= 0) return 1;
  const double aspect = av_q2d(ratio);
  return aspect > kMaxSampleAspect || aspect < 1 / kMaxSampleAspect ? 1 : aspect;
}

}  // namespace

PictureSize DisplaySize(const AVFrame& frame) {
  const PictureSize coded = {
      frame.width - static_cast<int>(frame.crop_left + frame.crop_right),
      frame.height - static_cast<int>(frame.crop_top + frame.crop_bottom),
  };
  const double aspect = SampleAspect(frame);
  return aspect >= 1 ? PictureSize{Scale(coded.width, aspect), coded.height}
                     : PictureSize{coded.width, Scale(coded.height, 1 / aspect)};
}

PictureSize FitInside(PictureSize display, int max_width, int max_height) {
  double factor = 1;
  if (max_width > 0) factor = std::min(factor, static_cast<double>(max_width) / display.width);
  if (max_height > 0) factor = std::min(factor, static_cast<double>(max_height) / display.height);
  return {Scale(display.width, factor), Scale(display.height, factor)};
}

}  // namespace framewell
