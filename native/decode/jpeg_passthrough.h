// MJPEG cameras: their pictures are JPEGs already.
#pragma once

#include "decode/presentation_order.h"
#include "decode/video_decoder.h"

namespace framewell {

// "Decodes" by reading the header: a picture at the camera's own size and quality goes out as it came. Whoever needs
// pixels asks DecodeJpeg.
class JpegPassthrough final : public VideoDecoder {
 public:
  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override;
  DecodeResult Drain() override { return {}; }
  void Flush() override {}
};

// The same picture with pixels. Throws EngineError ERR_DECODE_FAILED.
PicturePtr DecodeJpeg(const AccessUnitPtr& jpeg);

}  // namespace framewell
