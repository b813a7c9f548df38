#include "cuda/cuda_context.h"

#include <string>
#include <utility>

namespace framewell {
namespace {

// Kept free for whatever else the card does for us while a camera comes in: nvJPEG's work space, planes to encode.
constexpr size_t kReserveBytes = 64u << 20;

constexpr char kColorKernelsPtx[] =
#include "cuda/color_kernels_ptx.inc"
    ;

// CUresults that FFmpeg's headers leave out; CUDA Driver API, "Data types used by CUDA driver".
enum : int {
  kOutOfMemory = 2,
  kDeinitialized = 4,
  kIllegalAddress = 700,
  kLaunchTimeout = 702,
  kPrimaryContextActive = 708,
  kFirstHardwareError = 714,
  kLastHardwareError = 719,
  kUnknown = 999,
};

CudaFailure FailureOf(int result) {
  switch (result) {
    case kOutOfMemory:
      return CudaFailure::kOutOfMemory;
    case kDeinitialized:
    case kIllegalAddress:
    case kLaunchTimeout:
    case kUnknown:
      return CudaFailure::kLost;
    default: {
      const bool hardware = result >= kFirstHardwareError && result <= kLastHardwareError;
      return hardware ? CudaFailure::kLost : CudaFailure::kOther;
    }
  }
}

std::string Text(const DriverApi& api, CUresult result) {
  const char* text = nullptr;
  api.cuda.get_error_string(result, &text);
  return std::string(text ? text : "unknown error") + " (" + std::to_string(static_cast<int>(result)) + ")";
}

}  // namespace

void ContextHolders::Add(ContextHolder* holder) {
  const std::lock_guard lock(mutex_);
  holders_.insert(holder);
}

void ContextHolders::Remove(ContextHolder* holder) {
  const std::lock_guard lock(mutex_);
  holders_.erase(holder);
}

void ContextHolders::LetAllGo() {
  const std::lock_guard lock(mutex_);
  for (ContextHolder* holder : holders_) holder->LetGo();
}

CudaContext::CudaContext(std::shared_ptr<const DriverApi> api, int ordinal) : api_(std::move(api)), ordinal_(ordinal) {
  Check(api_->cuda.device_get(&device_, ordinal), "cuDeviceGet");
  // A waiting thread sleeps instead of spinning. Said before anything has brought the context up; when somebody else in
  // the process has, theirs holds.
  const CUresult flags = api_->cuda.primary_ctx_set_flags(device_, CU_CTX_SCHED_BLOCKING_SYNC);
  if (static_cast<int>(flags) != kPrimaryContextActive) Check(flags, "cuDevicePrimaryCtxSetFlags");
  Check(api_->cuda.primary_ctx_retain(&handle_, device_), "cuDevicePrimaryCtxRetain");
  try {
    LoadKernels();
  } catch (...) {
    api_->cuda.primary_ctx_release(device_);
    throw;
  }
}

CudaContext::~CudaContext() {
  if (api_->cuda.ctx_push_current(handle_) == CUDA_SUCCESS) {
    api_->cuda.module_unload(module_);
    api_->cuda.ctx_pop_current(nullptr);
  }
  api_->cuda.primary_ctx_release(device_);
}

void CudaContext::LoadKernels() {
  const CudaScope scope(*this);
  Check(api_->cuda.module_load_data(&module_, kColorKernelsPtx), "cuModuleLoadData");
  try {
    Check(api_->cuda.module_get_function(&convert_, module_, "framewell_convert"), "cuModuleGetFunction");
    Check(api_->cuda.module_get_function(&scale_, module_, "framewell_scale"), "cuModuleGetFunction");
  } catch (...) {
    api_->cuda.module_unload(module_);
    throw;
  }
}

void CudaContext::Check(CUresult result, const char* function) const {
  if (result == CUDA_SUCCESS) return;
  const CudaFailure failure = FailureOf(result);
  if (failure == CudaFailure::kLost) lost_ = true;
  throw CudaError(failure, "GPU " + std::to_string(ordinal_) + ": " + function + " failed: " + Text(*api_, result));
}

CudaContext::Memory CudaContext::memory() const {
  const CudaScope scope(*this);
  Memory memory = {};
  Check(api_->cuda.mem_get_info(&memory.free, &memory.total), "cuMemGetInfo");
  return memory;
}

void CudaContext::RequireMemory(size_t bytes) const {
  const Memory memory = this->memory();
  if (memory.free >= bytes + kReserveBytes) return;
  throw CudaError(CudaFailure::kOutOfMemory, "GPU " + std::to_string(ordinal_) + ": Expected " +
                                                 std::to_string((bytes + kReserveBytes) >> 20) +
                                                 " MiB of free memory for one more camera but received " +
                                                 std::to_string(memory.free >> 20) + " MiB");
}

void CudaContext::Launch(Kernel kernel, JfifKernelParams params, CUstream stream) const {
  constexpr unsigned kBlockX = 32;
  constexpr unsigned kBlockY = 8;
  // Each thread makes two columns and two rows.
  const unsigned grid_x = (params.width + 2 * kBlockX - 1) / (2 * kBlockX);
  const unsigned grid_y = (params.height + 2 * kBlockY - 1) / (2 * kBlockY);
  void* arguments[] = {&params};
  Check(api_->cuda.launch_kernel(kernel == Kernel::kConvert ? convert_ : scale_, grid_x, grid_y, 1, kBlockX, kBlockY, 1,
                                 0, stream, arguments, nullptr),
        "cuLaunchKernel");
}

}  // namespace framewell
