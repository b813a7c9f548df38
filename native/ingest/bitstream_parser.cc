#include "ingest/bitstream_parser.h"

#include <new>
#include <string>

#include "engine_error.h"
#include "ingest/jpeg_header.h"

namespace framewell {

BitstreamParser::BitstreamParser(const AVCodecParameters& parameters)
    : context_(avcodec_alloc_context3(nullptr)), parser_(av_parser_init(parameters.codec_id)) {
  if (!context_ || avcodec_parameters_to_context(context_.get(), &parameters) < 0) throw std::bad_alloc();
  if (parser_) parser_->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(parameters.codec_id);
  intra_only_ = descriptor && (descriptor->props & AV_CODEC_PROP_INTRA_ONLY);
  facts_.width = parameters.width;
  facts_.height = parameters.height;
}

UnitFacts BitstreamParser::Parse(std::span<const uint8_t> unit) {
  ReadFacts(unit);
  if (int64_t{facts_.width} * facts_.height > kMaxPixels) {
    throw EngineError("ERR_DECODE_FAILED", "Expected pictures of at most " + std::to_string(kMaxPixels) +
                                               " pixels but the camera's have " + std::to_string(facts_.width) + "x" +
                                               std::to_string(facts_.height));
  }
  return facts_;
}

void BitstreamParser::ReadFacts(std::span<const uint8_t> unit) {
  facts_.keyframe = intra_only_;
  // libavcodec's parser finds where a JPEG ends, not how large its picture is.
  if (context_->codec_id == AV_CODEC_ID_MJPEG) {
    if (const auto size = ReadJpegSize(unit)) {
      facts_.width = size->width;
      facts_.height = size->height;
    }
  }
  if (!parser_ || intra_only_) return;
  uint8_t* out = nullptr;
  int out_size = 0;
  av_parser_parse2(parser_.get(), context_.get(), &out, &out_size, unit.data(), static_cast<int>(unit.size()),
                   AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
  // key_frame is -1 where the parser cannot tell (MPEG-4 and older); then the picture type decides.
  const bool key = parser_->key_frame == 1 || (parser_->key_frame == -1 && parser_->pict_type == AV_PICTURE_TYPE_I);
  facts_.keyframe = key;
  // Some parsers tell the size themselves, some (MPEG-4) through their context.
  if (parser_->width > 0 && parser_->height > 0) {
    facts_.width = parser_->width;
    facts_.height = parser_->height;
  } else if (context_->width > 0 && context_->height > 0) {
    facts_.width = context_->width;
    facts_.height = context_->height;
  }
}

}  // namespace framewell
