// The one context that everything on a card lives in: its primary context.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <set>

#include "cuda/color_kernel_params.h"
#include "cuda/cuda_error.h"
#include "cuda/driver_api.h"

namespace framewell {

// What may outlive its use by far, and would keep a lost context from being let go: published pictures.
class ContextHolder {
 public:
  virtual ~ContextHolder() = default;
  // On any thread. Never throws.
  virtual void LetGo() = 0;
};

// Thread-safe. Shared by a context and its holders, which outlive each other either way.
class ContextHolders {
 public:
  void Add(ContextHolder* holder);
  // The holder is not being told to let go when this returns, and will not be.
  void Remove(ContextHolder* holder);
  void LetAllGo();

 private:
  std::mutex mutex_;
  std::set<ContextHolder*> holders_;  // Guarded by mutex_.
};

// Retained once for each card and released last: whatever lives in it holds a shared_ptr. Thread-safe. A context that
// is lost stays so; when the last holder has let go, another can be retained.
class CudaContext {
 public:
  // Throws CudaError.
  CudaContext(std::shared_ptr<const DriverApi> api, int ordinal);
  ~CudaContext();
  CudaContext(const CudaContext&) = delete;
  CudaContext& operator=(const CudaContext&) = delete;

  const DriverApi& api() const { return *api_; }
  int ordinal() const { return ordinal_; }
  bool lost() const { return lost_; }
  const std::shared_ptr<ContextHolders>& holders() const { return holders_; }

  // Throws CudaError when `result` is not success; notes when the context is lost by it.
  void Check(CUresult result, const char* function) const;

  struct Memory {
    size_t free;
    size_t total;
  };
  Memory memory() const;
  // Throws CudaError kOutOfMemory when less is free, so that whoever comes last is the one who stays outside, and not
  // those who are in already.
  void RequireMemory(size_t bytes) const;

  enum class Kernel { kConvert, kScale };
  // Queues the kernel on `stream`. Needs a CudaScope. Throws CudaError.
  void Launch(Kernel kernel, JfifKernelParams params, CUstream stream) const;

 private:
  friend class CudaScope;

  void LoadKernels();

  const std::shared_ptr<const DriverApi> api_;
  const int ordinal_;
  const std::shared_ptr<ContextHolders> holders_ = std::make_shared<ContextHolders>();
  CUdevice device_ = 0;
  CUcontext handle_ = nullptr;
  CUmodule module_ = nullptr;
  CUfunction convert_ = nullptr;
  CUfunction scale_ = nullptr;
  mutable std::atomic<bool> lost_ = false;
};

// The context is current on this thread while one lives; other code on the thread finds what it left.
class CudaScope {
 public:
  explicit CudaScope(const CudaContext& context) : api_(context.api()) {
    context.Check(api_.cuda.ctx_push_current(context.handle_), "cuCtxPushCurrent");
  }
  ~CudaScope() { api_.cuda.ctx_pop_current(nullptr); }
  CudaScope(const CudaScope&) = delete;
  CudaScope& operator=(const CudaScope&) = delete;

 private:
  const DriverApi& api_;
};

}  // namespace framewell
