// One conversion through zimg: from frames of one format and size to 8-bit 4:2:0 in JFIF's colours
// at another size, or of a part of them, computed beyond 8 bits and rounded once.
#pragma once

extern "C" {
#include <libavutil/frame.h>
}

#include <zimg.h>

#include <cstddef>
#include <memory>

#include "jpeg/color_space.h"
#include "jpeg/framing.h"
#include "jpeg/sample_reader.h"
#include "jpeg/yuv_planes.h"

namespace framewell {

// All that a graph depends on.
struct ZimgConversion {
  int pixel_format;
  PictureSize source;
  PictureColor color;
  AVChromaLocation chroma_location;
  Framing framing;

  bool operator==(const ZimgConversion&) const = default;
};

class ZimgGraph {
 public:
  // Throws EngineError ERR_PIXEL_FORMAT_UNSUPPORTED or ERR_ENCODE_FAILED.
  explicit ZimgGraph(const ZimgConversion& conversion);

  const ZimgConversion& conversion() const { return conversion_; }

  // `frame` is one of the conversion's source, `out` laid out by LayOutPlanes for its target.
  // `input` and `work` are scratch. Throws EngineError ERR_ENCODE_FAILED.
  void Process(const AVFrame& frame, const MutableYuvPlanes& out, AlignedBuffer& input, AlignedBuffer& work) const;

 private:
  zimg_image_format SourceFormat() const;
  zimg_image_format TargetFormat(const zimg_image_format& source) const;

  ZimgConversion conversion_;
  SampleReader reader_;
  std::unique_ptr<zimg_filter_graph, decltype(&zimg_filter_graph_free)> graph_;
  size_t work_size_;     // Bytes.
  unsigned input_rows_;  // How many luma rows zimg wants at hand at once: a power of two.
};

}  // namespace framewell
