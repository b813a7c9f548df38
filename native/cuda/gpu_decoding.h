// Which engine decodes a camera: a card while it can, else the CPU; and why.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cuda/gpu.h"

namespace framewell {

using Gpus = std::vector<std::shared_ptr<Gpu>>;

// What decodes a camera now.
struct EngineUse {
  // Absent: the CPU.
  std::optional<int> gpu;
  std::string reason;
  int64_t since_unix_us = 0;
};

// How often a camera tries the card again before it rests on the CPU, and how long it rests there.
struct GpuRetryPolicy {
  int tries = 3;
  std::chrono::milliseconds rest{30'000};
};

// One camera's decoders over its session, with one on a card where that is possible. Thread-safe. Held by shared_ptr;
// its decoders keep it alive.
class GpuDecoding : public std::enable_shared_from_this<GpuDecoding> {
 public:
  // `on_cpu` makes the decoders that are not on a card.
  GpuDecoding(Gpus gpus, VideoDecoderFactory on_cpu, GpuRetryPolicy policy = {});

  // Never throws for what a card cannot do or does not do now: the decoder is the CPU's then. What the decoders throw
  // is EngineError, or DecoderLost where the next one that is opened may do better.
  std::unique_ptr<VideoDecoder> Open(const StreamFormat& format);

  // Absent until something was decoded, and where there are no cards to choose from.
  std::optional<EngineUse> use() const;

 private:
  class CardDecoder;
  class RestingDecoder;
  using Clock = std::chrono::steady_clock;

  std::shared_ptr<Gpu> LeastLoaded() const;
  // The one that the camera is on, else the least loaded.
  std::shared_ptr<Gpu> OwnGpu() const;
  // Hands pictures on as they come, and makes their pixels on a card.
  std::unique_ptr<VideoDecoder> OpenPassthrough();
  PicturePtr OpenJpeg(const AccessUnitPtr& jpeg);
  std::unique_ptr<VideoDecoder> OpenOnCpu(const StreamFormat& format, const std::string& reason);
  // Decides whether the card is tried again, and when.
  void Failed(const CudaError& error);
  bool MayTryCard() const;
  void Use(std::optional<int> gpu, std::string reason);

  const Gpus gpus_;
  const VideoDecoderFactory on_cpu_;
  const GpuRetryPolicy policy_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  std::optional<EngineUse> use_;
  std::string failure_;
  int failures_ = 0;
  Clock::time_point last_failure_{};
  Clock::time_point rest_until_{};
};

}  // namespace framewell
