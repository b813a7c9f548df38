// Access units in, pictures out. One engine implements it on the CPU; a card's decoder will be another.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "decode/picture.h"
#include "engine_error.h"
#include "ingest/access_unit.h"
#include "ingest/packet_source.h"

namespace framewell {

struct DecodeResult {
  // In presentation order. May be empty (the decoder is waiting to reorder) or hold several.
  std::vector<PicturePtr> pictures;
  // Not empty: the unit could not be decoded cleanly. Nothing may be shown until the next keyframe.
  std::string damage;
};

// The decoder is of no use any more, but another one of the same factory may go on from the last keyframe.
class DecoderLost final : public EngineError {
 public:
  explicit DecoderLost(const EngineError& cause) : EngineError(cause) {}
};

// Used by one thread at a time. Functions throw EngineError only when the decoder as such has failed.
class VideoDecoder {
 public:
  virtual ~VideoDecoder() = default;

  enum class Effort {
    // Every picture is wanted.
    kEvery,
    // Pictures that no other refers to may be left out: the decoder is catching up.
    kReferencesOnly,
  };
  virtual DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) = 0;
  // Gives out what waits to be reordered, and forgets all references: the next unit must be a keyframe.
  virtual DecodeResult Drain() = 0;
  // Forgets all references and pictures under way.
  virtual void Flush() = 0;
};

// Makes the engine's decoder for a format; throws EngineError ERR_CODEC_UNSUPPORTED.
using VideoDecoderFactory = std::function<std::unique_ptr<VideoDecoder>(const StreamFormat&)>;

}  // namespace framewell
