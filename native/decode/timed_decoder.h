// A decoder whose work is timed.
#pragma once

#include <memory>
#include <utility>

#include "decode/video_decoder.h"
#include "time_histogram.h"

namespace framewell {

// Adds one time for each access unit, whoever decodes it.
class TimedDecoder final : public VideoDecoder {
 public:
  // `times` outlives the decoder.
  TimedDecoder(std::unique_ptr<VideoDecoder> decoder, TimeHistogram& times)
      : decoder_(std::move(decoder)), times_(times) {}

  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override {
    const ScopeTimer timer(times_);
    return decoder_->Decode(unit, effort);
  }
  DecodeResult Drain() override { return decoder_->Drain(); }
  void Flush() override { decoder_->Flush(); }

 private:
  const std::unique_ptr<VideoDecoder> decoder_;
  TimeHistogram& times_;
};

}  // namespace framewell
