// What a frame's samples mean: which matrix made them from RGB, and in which range they lie.
#pragma once

extern "C" {
#include <libavutil/frame.h>
}

namespace framewell {

enum class ColorMatrix { kRgb, kBt601, kBt709, kFcc, kSmpte240m, kBt2020 };

struct PictureColor {
  ColorMatrix matrix;
  bool full_range;

  bool operator==(const PictureColor&) const = default;
};

// JFIF 1.02: Y, Cb and Cr as BT.601 defines them, each using all 256 levels.
inline constexpr PictureColor kJfifColor = {ColorMatrix::kBt601, true};

// By the stream's own flags. Where it has none: BT.709 for pictures larger than standard
// definition, else BT.601; limited range, except for RGB and for JPEG's own pixel formats (yuvj*).
// BT.2020's constant-luminance matrix is taken for the non-constant one, which no camera has been
// seen to need.
PictureColor ResolveColor(const AVFrame& frame);

}  // namespace framewell
