// Scaling and every uncommon pixel format, through zimg.
#pragma once

extern "C" {
#include <libavutil/frame.h>
}

#include <list>

#include "jpeg/color_space.h"
#include "jpeg/framing.h"
#include "jpeg/yuv_planes.h"
#include "jpeg/zimg_graph.h"

namespace framewell {

// Keeps the graphs of the last few conversions, since building one costs more than using it. One
// thread at a time.
class ZimgConverter {
 public:
  // The frame's part at its target size as full-range BT.601 4:2:0. The planes stay valid until the next call.
  // Throws EngineError ERR_PIXEL_FORMAT_UNSUPPORTED or ERR_ENCODE_FAILED.
  YuvPlanes Convert(const AVFrame& frame, PictureColor color, const Framing& framing);

 private:
  const ZimgGraph& GraphFor(const ZimgConversion& conversion);

  std::list<ZimgGraph> graphs_;  // Last used first.
  AlignedBuffer input_;
  AlignedBuffer work_;
  AlignedBuffer output_;
};

}  // namespace framewell
