// How large a decoded frame is when shown, and how large its JPEG becomes.
#pragma once

extern "C" {
#include <libavutil/frame.h>
}

namespace framewell {

// In pixels.
struct PictureSize {
  int width;
  int height;

  bool operator==(const PictureSize&) const = default;
};

// The frame's size in square pixels: its cropping and its sample aspect ratio applied. Wide samples
// widen the picture and tall ones heighten it, so that no resolution is lost. A ratio that no
// camera has (unknown, or beyond 8:1 either way) is taken for 1:1.
PictureSize DisplaySize(const AVFrame& frame);

// The largest size of `display`'s aspect within the bounds, of which 0 means unbounded. Never
// larger than `display`, never less than one pixel.
PictureSize FitInside(PictureSize display, int max_width, int max_height);

}  // namespace framewell
