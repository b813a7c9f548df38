// What went wrong on the card, and what that means for a camera.
#pragma once

#include <string>

#include "engine_error.h"

namespace framewell {

enum class CudaFailure {
  kUnsupported,  // The card cannot do this stream and never will.
  kOutOfMemory,  // Not now.
  kLost,         // The context is of no use any more, for anybody.
  kOther,
};

class CudaError final : public EngineError {
 public:
  CudaError(CudaFailure failure, const std::string& message)
      : EngineError(CodeOf(failure), message), failure_(failure) {}

  CudaFailure failure() const noexcept { return failure_; }

 private:
  static std::string CodeOf(CudaFailure failure) {
    switch (failure) {
      case CudaFailure::kUnsupported:
        return "ERR_CODEC_UNSUPPORTED";
      case CudaFailure::kOutOfMemory:
        return "ERR_GPU_MEMORY";
      case CudaFailure::kLost:
        return "ERR_GPU_LOST";
      case CudaFailure::kOther:
        break;
    }
    return "ERR_GPU_FAILED";
  }

  CudaFailure failure_;
};

}  // namespace framewell
