// Scaling and every uncommon pixel format, through zimg: one filter graph from the frame as decoded
// to 8-bit 4:2:0 in JFIF's colours at the size wanted, computed beyond 8 bits and rounded once.
#pragma once

extern "C" {
#include <libavutil/frame.h>
}

#include <zimg.h>

#include <cstddef>
#include <list>
#include <memory>

#include "jpeg/color_space.h"
#include "jpeg/picture_size.h"
#include "jpeg/sample_reader.h"
#include "jpeg/yuv_planes.h"

namespace framewell {

// Keeps the graphs of the last few conversions, since building one costs as much as using it. One
// thread at a time.
class ZimgConverter {
 public:
  // The planes stay valid until the next call. Throws EngineError ERR_PIXEL_FORMAT_UNSUPPORTED or
  // ERR_ENCODE_FAILED.
  YuvPlanes Convert(const AVFrame& frame, PictureColor color, PictureSize target);

 private:
  // All that a graph depends on.
  struct Conversion {
    int pixel_format;
    PictureSize source;
    PictureColor color;
    AVChromaLocation chroma_location;
    PictureSize target;

    bool operator==(const Conversion&) const = default;
  };

  struct Graph {
    explicit Graph(const Conversion& conversion);

    Conversion conversion;
    SampleReader reader;
    std::unique_ptr<zimg_filter_graph, decltype(&zimg_filter_graph_free)> handle;
    size_t work_size;     // Bytes.
    unsigned input_rows;  // How many luma rows zimg wants at hand at once.
  };

  const Graph& GraphFor(const Conversion& conversion);

  std::list<Graph> graphs_;  // Last used first.
  AlignedBuffer input_;
  AlignedBuffer work_;
  AlignedBuffer output_;
};

}  // namespace framewell
