// What a JPEG is wanted like.
#pragma once

#include <optional>

namespace framewell {

// How a picture comes into a box that has both sides.
enum class Fit {
  kInside,  // Whole.
  kCover,   // The box is filled, and what hangs over is cut off evenly.
};

// In pixels of the picture as it is shown.
struct CropRectangle {
  int x;
  int y;
  int width;
  int height;
};

struct JpegOptions {
  int quality;         // libjpeg's scale, 1 to 100.
  int max_width = 0;   // Pixels; aspect is kept, nothing enlarged. 0 is unbounded.
  int max_height = 0;  // Pixels, likewise.
  Fit fit = Fit::kInside;
  std::optional<CropRectangle> crop = std::nullopt;  // Comes before the bounds; else the whole picture.
};

}  // namespace framewell
