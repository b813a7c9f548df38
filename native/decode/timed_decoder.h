// A decoder whose work is timed.
#pragma once

#include <memory>
#include <utility>

#include "decode/video_decoder.h"
#include "work_meter.h"

namespace framewell {

// Adds one time for each access unit, whoever decodes it.
class TimedDecoder final : public VideoDecoder {
 public:
  TimedDecoder(std::unique_ptr<VideoDecoder> decoder, std::shared_ptr<WorkMeter> meter)
      : decoder_(std::move(decoder)), meter_(std::move(meter)) {}

  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override {
    const ScopeTimer timer(meter_->decodes);
    return decoder_->Decode(unit, effort);
  }
  DecodeResult Drain() override { return decoder_->Drain(); }
  void Flush() override { decoder_->Flush(); }

 private:
  const std::unique_ptr<VideoDecoder> decoder_;
  const std::shared_ptr<WorkMeter> meter_;
};

}  // namespace framewell
