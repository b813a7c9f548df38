// A decoded picture that stays on the card.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "cuda/device_memory.h"
#include "ffmpeg_handles.h"

namespace framewell {

// NV12 or P010 in our own memory: luma rows, then rows of Cb and Cr in pairs. Nothing writes to it once it is
// published. Thread-safe but for Describe. A consumer may hold it for long: when the card is lost it lets go of the
// memory.
class DeviceFrame final : public ContextHolder {
 public:
  // `facts` says size, format, colour and aspect, and has no samples. Throws CudaError.
  DeviceFrame(const std::shared_ptr<CudaContext>& context, AvFramePtr facts);
  ~DeviceFrame() override { holders_->Remove(this); }
  DeviceFrame(const DeviceFrame&) = delete;
  DeviceFrame& operator=(const DeviceFrame&) = delete;

  const AVFrame& facts() const { return *facts_; }
  // Stays while the pointer is held. Throws CudaError kLost.
  std::shared_ptr<const DeviceMemory> memory() const;
  int ordinal() const { return ordinal_; }
  int bytes_per_sample() const { return facts_->format == AV_PIX_FMT_NV12 ? 1 : 2; }
  // An odd column has a pair of chroma samples too.
  int row_bytes() const { return (facts_->width + 1) / 2 * 2 * bytes_per_sample(); }
  size_t bytes() const { return bytes_; }

  // Replaces what this frame says of its samples, which take the same room.
  void Describe(AvFramePtr facts) { facts_ = std::move(facts); }

  void LetGo() override;

 private:
  AvFramePtr facts_;
  const int ordinal_;
  const std::shared_ptr<ContextHolders> holders_;
  mutable std::mutex mutex_;
  std::shared_ptr<const DeviceMemory> memory_;  // Guarded by mutex_. Null once it was let go.
  size_t bytes_;
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
