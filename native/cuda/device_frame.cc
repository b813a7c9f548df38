#include "cuda/device_frame.h"

#include <new>
#include <string>
#include <utility>

namespace framewell {
namespace {

// Most that wait to be used again; a consumer that held many has let go of them.
constexpr size_t kMaxIdle = 2;

bool TakeSameRoom(const AVFrame& a, const AVFrame& b) {
  return a.width == b.width && a.height == b.height && a.format == b.format;
}

}  // namespace

DeviceFrame::DeviceFrame(const std::shared_ptr<CudaContext>& context, AvFramePtr facts)
    : facts_(std::move(facts)),
      ordinal_(context->ordinal()),
      holders_(context->holders()),
      memory_(std::make_shared<DeviceMemory>(context, row_bytes(), facts_->height + (facts_->height + 1) / 2)),
      bytes_(memory_->pitch() * memory_->rows()) {
  holders_->Add(this);
}

std::shared_ptr<const DeviceMemory> DeviceFrame::memory() const {
  const std::lock_guard lock(mutex_);
  if (memory_) return memory_;
  throw CudaError(CudaFailure::kLost, "GPU " + std::to_string(ordinal_) + " was lost, and the picture with it");
}

void DeviceFrame::LetGo() {
  const std::lock_guard lock(mutex_);
  memory_.reset();
}

std::shared_ptr<DeviceFrame> DeviceFramePool::Take(AvFramePtr facts) {
  std::unique_ptr<DeviceFrame> frame;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty() && !TakeSameRoom(idle_.back()->facts(), *facts)) idle_.clear();
    if (!idle_.empty()) {
      frame = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (frame) {
    frame->Describe(std::move(facts));
  } else {
    frame = std::make_unique<DeviceFrame>(context_, std::move(facts));
  }
  return {frame.release(), [pool = weak_from_this()](DeviceFrame* returned) {
            std::unique_ptr<DeviceFrame> owned(returned);
            if (const auto self = pool.lock()) self->Return(std::move(owned));
          }};
}

void DeviceFramePool::Return(std::unique_ptr<DeviceFrame> frame) {
  const std::lock_guard lock(mutex_);
  const bool of_size = idle_.empty() || TakeSameRoom(idle_.back()->facts(), frame->facts());
  if (of_size && idle_.size() < kMaxIdle && !context_->lost()) idle_.push_back(std::move(frame));
}

AvFramePtr Download(const DeviceFrame& source) {
  AvFramePtr frame(av_frame_alloc());
  if (!frame || av_frame_copy_props(frame.get(), &source.facts()) < 0) throw std::bad_alloc();
  frame->format = source.facts().format;
  frame->width = source.facts().width;
  frame->height = source.facts().height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  const std::shared_ptr<const DeviceMemory> memory = source.memory();
  const std::shared_ptr<CudaContext>& context = memory->context();
  const CudaStream stream(context);
  const CudaScope scope(*context);
  for (int plane = 0; plane < 2; ++plane) {
    CUDA_MEMCPY2D copy = {};
    copy.srcMemoryType = CU_MEMORYTYPE_DEVICE;
    copy.srcDevice = memory->RowAddress(plane == 0 ? 0 : frame->height);
    copy.srcPitch = memory->pitch();
    copy.dstMemoryType = CU_MEMORYTYPE_HOST;
    copy.dstHost = frame->data[plane];
    copy.dstPitch = frame->linesize[plane];
    copy.WidthInBytes = source.row_bytes();
    copy.Height = plane == 0 ? frame->height : (frame->height + 1) / 2;
    context->Check(context->api().cuda.memcpy_2d_async(&copy, stream.get()), "cuMemcpy2DAsync");
  }
  stream.Synchronize();
  return frame;
}

}  // namespace framewell
