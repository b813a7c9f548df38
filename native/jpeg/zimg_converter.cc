#include "jpeg/zimg_converter.h"

#include <algorithm>
#include <cstring>

namespace framewell {
namespace {

// Cameras of one site share a few formats and sizes; more than these in turn only cost time.
constexpr size_t kMaxGraphs = 8;

// H.264 E.2.1 allows 0 to 5, but FFmpeg 5.1 hands on whatever a stream claims. What does not exist counts as not said;
// read as the enumeration it would be undefined behaviour.
AVChromaLocation ChromaLocationOf(const AVFrame& frame) {
  int claimed = 0;
  static_assert(sizeof claimed == sizeof frame.chroma_location);
  std::memcpy(&claimed, &frame.chroma_location, sizeof claimed);
  const bool exists = claimed >= AVCHROMA_LOC_UNSPECIFIED && claimed < AVCHROMA_LOC_NB;
  return exists ? static_cast<AVChromaLocation>(claimed) : AVCHROMA_LOC_UNSPECIFIED;
}

}  // namespace

YuvPlanes ZimgConverter::Convert(const AVFrame& frame, PictureColor color, const Framing& framing) {
  const ZimgGraph& graph = GraphFor({
      .pixel_format = frame.format,
      .source = {frame.width, frame.height},
      .color = color,
      .chroma_location = ChromaLocationOf(frame),
      .framing = framing,
  });
  const MutableYuvPlanes out = LayOutPlanes(output_, framing.target);
  graph.Process(frame, out, input_, work_);
  return ReadOnly(out);
}

const ZimgGraph& ZimgConverter::GraphFor(const ZimgConversion& conversion) {
  const auto found = std::find_if(graphs_.begin(), graphs_.end(),
                                  [&](const ZimgGraph& graph) { return graph.conversion() == conversion; });
  if (found != graphs_.end()) {
    graphs_.splice(graphs_.begin(), graphs_, found);
  } else {
    graphs_.emplace_front(conversion);
    if (graphs_.size() > kMaxGraphs) graphs_.pop_back();
  }
  return graphs_.front();
}

}  // namespace framewell
