// Which part of a frame becomes the picture, and how large it becomes.
#pragma once

#include "jpeg/jpeg_options.h"
#include "jpeg/picture_size.h"

namespace framewell {

// Samples of a frame, or parts of them, from its top left corner.
struct SampleRegion {
  double left;
  double top;
  double width;
  double height;

  bool operator==(const SampleRegion&) const = default;
};

constexpr SampleRegion WholeRegion(PictureSize samples) {
  return {0, 0, static_cast<double>(samples.width), static_cast<double>(samples.height)};
}

struct Framing {
  SampleRegion region;
  // What the region becomes, in pixels of the picture.
  PictureSize target;

  bool IsUnscaled() const { return region.width == target.width && region.height == target.height; }
  bool operator==(const Framing&) const = default;
};

// For a frame of `samples` that is shown at `display` size. What of the crop lies outside of the frame is left out. The
// target is never larger than its region is shown, and never less than one pixel.
Framing ChooseFraming(PictureSize samples, PictureSize display, const JpegOptions& options);

}  // namespace framewell
