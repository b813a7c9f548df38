// libavcodec on the CPU.
#pragma once

#include "decode/heap_share.h"
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

  const HeapShare heap_share_;  // First, so that it outlives what is taken.
  AvCodecContextPtr context_;
  AvPacketPtr packet_;
  PresentationOrder order_;
};

}  // namespace framewell
