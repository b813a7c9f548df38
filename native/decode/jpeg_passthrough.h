// MJPEG cameras: their pictures are JPEGs already.
#pragma once

#include <functional>
#include <utility>

#include "decode/video_decoder.h"

namespace framewell {

// A camera's JPEG with pixels, on the CPU. Throws EngineError ERR_DECODE_FAILED.
PicturePtr DecodeJpeg(const AccessUnitPtr& jpeg);

// The same, by whatever does it best. Any thread.
using JpegOpener = std::function<PicturePtr(const AccessUnitPtr& jpeg)>;

// "Decodes" by reading the header: a picture at the camera's own size and quality goes out as it came. Whoever needs
// pixels has the picture open itself.
class JpegPassthrough final : public VideoDecoder {
 public:
  explicit JpegPassthrough(JpegOpener opener = DecodeJpeg) : opener_(std::move(opener)) {}
  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override;
  DecodeResult Drain() override { return {}; }
  void Flush() override {}

 private:
  const JpegOpener opener_;
};

}  // namespace framewell
