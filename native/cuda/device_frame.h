// A decoded picture that stays on the card.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "cuda/device_memory.h"
#include "ffmpeg_handles.h"

namespace framewell {

// NV12 or P010 in our own memory: luma rows, then rows of Cb and Cr in pairs. Nothing writes to it once it is
// published.
class DeviceFrame {
 public:
  // `facts` says size, format, colour and aspect, and has no samples. Throws CudaError.
  DeviceFrame(std::shared_ptr<CudaContext> context, AvFramePtr facts);

  const AVFrame& facts() const { return *facts_; }
  const DeviceMemory& memory() const { return memory_; }
  int bytes_per_sample() const { return facts_->format == AV_PIX_FMT_NV12 ? 1 : 2; }
  // An odd column has a pair of chroma samples too.
  int row_bytes() const { return (facts_->width + 1) / 2 * 2 * bytes_per_sample(); }
  size_t bytes() const { return memory_.pitch() * memory_.rows(); }

  // Replaces what this frame says of its samples, which take the same room.
  void Describe(AvFramePtr facts) { facts_ = std::move(facts); }

 private:
  AvFramePtr facts_;
  DeviceMemory memory_;
};

// The frames of one decoder. To free memory makes a card wait for all its work, so frames that come back are used
// again. Thread-safe; frames may outlive it.
class DeviceFramePool : public std::enable_shared_from_this<DeviceFramePool> {
 public:
  explicit DeviceFramePool(std::shared_ptr<CudaContext> context) : context_(std::move(context)) {}

  // A frame for samples as `facts` says. Throws CudaError.
  std::shared_ptr<DeviceFrame> Take(AvFramePtr facts);

 private:
  void Return(std::unique_ptr<DeviceFrame> frame);

  const std::shared_ptr<CudaContext> context_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<DeviceFrame>> idle_;  // Guarded by mutex_. All of one size.
};

// The samples in system memory, where the card's encoder fails. Throws CudaError.
AvFramePtr Download(const DeviceFrame& frame);

}  // namespace framewell
