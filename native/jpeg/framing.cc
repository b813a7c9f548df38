#include "jpeg/framing.h"

#include <algorithm>
#include <cmath>

namespace framewell {
namespace {

// What of the picture is wanted, in pixels as it is shown.
SampleRegion Cropped(PictureSize display, const std::optional<CropRectangle>& crop) {
  if (!crop) return WholeRegion(display);
  const int left = std::clamp(crop->x, 0, display.width - 1);
  const int top = std::clamp(crop->y, 0, display.height - 1);
  const int width = std::clamp(crop->width, 1, display.width - left);
  const int height = std::clamp(crop->height, 1, display.height - top);
  return {static_cast<double>(left), static_cast<double>(top), static_cast<double>(width), static_cast<double>(height)};
}

// A box larger than the region gives way in size, not in proportions.
Framing Cover(SampleRegion region, PictureSize box) {
  const double scale = std::max(box.width / region.width, box.height / region.height);
  PictureSize target = box;
  double width = box.width / scale;
  double height = box.height / scale;
  double left = (region.width - width) / 2;
  double top = (region.height - height) / 2;
  if (scale >= 1) {
    target = {std::max(1, static_cast<int>(std::lround(width))), std::max(1, static_cast<int>(std::lround(height)))};
    width = target.width;
    height = target.height;
    // Samples stay as they are, those of chroma too, which 4:2:0 has at every second one.
    left = 2 * std::floor((region.width - width) / 4);
    top = 2 * std::floor((region.height - height) / 4);
  }
  return {{region.left + left, region.top + top, width, height}, target};
}

}  // namespace

Framing ChooseFraming(PictureSize samples, PictureSize display, const JpegOptions& options) {
  const SampleRegion wanted = Cropped(display, options.crop);
  const PictureSize size = {static_cast<int>(wanted.width), static_cast<int>(wanted.height)};
  const bool covers = options.fit == Fit::kCover && options.max_width > 0 && options.max_height > 0;
  const Framing shown = covers ? Cover(wanted, {options.max_width, options.max_height})
                               : Framing{wanted, FitInside(size, options.max_width, options.max_height)};
  const double scale_x = static_cast<double>(samples.width) / display.width;
  const double scale_y = static_cast<double>(samples.height) / display.height;
  return {{shown.region.left * scale_x, shown.region.top * scale_y, shown.region.width * scale_x,
           shown.region.height * scale_y},
          shown.target};
}

}  // namespace framewell
