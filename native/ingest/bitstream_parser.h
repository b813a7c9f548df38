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
  // The largest picture of the highest level (6.2 of H.264 table A-1 and H.265 table A.8), 8192x4352.
  static constexpr int64_t kMaxPixels = 35'651'584;

  explicit BitstreamParser(const AVCodecParameters& parameters);
  // Throws EngineError ERR_DECODE_FAILED when pictures have more than kMaxPixels: a few bytes that claim so would take
  // the memory of many cameras.
  UnitFacts Parse(std::span<const uint8_t> unit);

 private:
  struct CloseParser {
    void operator()(AVCodecParserContext* parser) const noexcept { av_parser_close(parser); }
  };
  void ReadFacts(std::span<const uint8_t> unit);

  AvCodecContextPtr context_;
  std::unique_ptr<AVCodecParserContext, CloseParser> parser_;
  UnitFacts facts_;
  bool intra_only_ = false;
};

}  // namespace framewell
