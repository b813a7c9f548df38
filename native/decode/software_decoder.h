// libavcodec on the CPU.
#pragma once

#include "decode/presentation_order.h"
#include "decode/video_decoder.h"

namespace framewell {

class SoftwareDecoder final : public VideoDecoder {
 public:
  // Throws EngineError ERR_CODEC_UNSUPPORTED when libavcodec has no decoder for the format.
  explicit SoftwareDecoder(const StreamFormat& format);

  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override;
  DecodeResult Drain() override;
  void Flush() override;

 private:
  void Receive(DecodeResult& result);
  void Publish(AvFramePtr frame, DecodeResult& result) const;

  AvCodecContextPtr context_;
  AvPacketPtr packet_;
  PresentationOrder order_;
};

}  // namespace framewell
