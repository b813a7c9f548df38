// What an access unit says of itself without being decoded.
#pragma once

#include <memory>
#include <span>

#include "ffmpeg_handles.h"

namespace framewell {

struct UnitFacts {
  // Decoding can start here.
  bool keyframe = false;
  // Coded picture size with cropping, in samples; 0 until parameter sets were seen.
  int width = 0;
  int height = 0;
};

// libavcodec's parser for the codec, fed whole access units. For a codec without a parser every unit counts as a
// keyframe when the codec has intra pictures only. Not thread-safe.
class BitstreamParser {
 public:
  explicit BitstreamParser(const AVCodecParameters& parameters);
  UnitFacts Parse(std::span<const uint8_t> unit);

 private:
  struct CloseParser {
    void operator()(AVCodecParserContext* parser) const noexcept { av_parser_close(parser); }
  };
  AvCodecContextPtr context_;
  std::unique_ptr<AVCodecParserContext, CloseParser> parser_;
  UnitFacts facts_;
  bool intra_only_ = false;
};

}  // namespace framewell
