// From a decoded frame to the planes a JPEG is made of, by the cheapest way that is exact enough:
// nothing at all, one pass of integer arithmetic, or zimg.
#pragma once

extern "C" {
#include <libavutil/frame.h>
}

#include "jpeg/color_space.h"
#include "jpeg/framing.h"
#include "jpeg/yuv_planes.h"
#include "jpeg/zimg_converter.h"

namespace framewell {

// Memory stays at what the largest picture so far needed. One thread at a time.
class JfifConverter {
 public:
  // The frame's part at its target size as full-range BT.601 4:2:0. The planes are valid until the next call,
  // and while `frame` is: they may be its own. Throws EngineError ERR_PIXEL_FORMAT_UNSUPPORTED or
  // ERR_ENCODE_FAILED.
  YuvPlanes Convert(const AVFrame& frame, const Framing& framing);

 private:
  // `planes` are 4:2:0; Cb and Cr lie interleaved in the second, or in planes of their own.
  YuvPlanes ConvertRows(const YuvPlanes& planes, bool interleaved, PictureColor color);

  AlignedBuffer planes_;
  AlignedBuffer row_;
  ZimgConverter zimg_;
};

}  // namespace framewell
