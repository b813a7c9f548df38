#include "cuda/device_memory.h"

#include <utility>

namespace framewell {
namespace {

// What the widest access of a kernel wants.
constexpr unsigned kElementBytes = 16;

// Destructors run in a lost context too, where everything fails: the context's end frees what is left.
template <typename Work>
void InContext(const CudaContext& context, Work work) noexcept {
  try {
    const CudaScope scope(context);
    work(context.api().cuda);
  } catch (const CudaError&) {
  }
}

}  // namespace

DeviceMemory::DeviceMemory(std::shared_ptr<CudaContext> context, size_t row_bytes, size_t rows)
    : context_(std::move(context)), rows_(rows) {
  const CudaScope scope(*context_);
  context_->Check(context_->api().cuda.mem_alloc_pitch(&address_, &pitch_, row_bytes, rows, kElementBytes),
                  "cuMemAllocPitch");
}

DeviceMemory::~DeviceMemory() {
  InContext(*context_, [this](const auto& cuda) { cuda.mem_free(address_); });
}

CudaStream::CudaStream(std::shared_ptr<CudaContext> context) : context_(std::move(context)) {
  const CudaScope scope(*context_);
  context_->Check(context_->api().cuda.stream_create(&stream_, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
}

CudaStream::~CudaStream() {
  InContext(*context_, [this](const auto& cuda) { cuda.stream_destroy(stream_); });
}

void CudaStream::Synchronize() const {
  context_->Check(context_->api().cuda.stream_synchronize(stream_), "cuStreamSynchronize");
}

}  // namespace framewell
