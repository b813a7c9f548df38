// Streams, which are done at once, and kernels, compiled for the CPU from the very source of the PTX.
#include <cstring>
#include <string>

#include "contexts.h"

namespace {
thread_local unsigned thread_x, thread_y;
}

#define FRAMEWELL_KERNEL static void
#define FRAMEWELL_DEVICE inline
#define FRAMEWELL_THREAD_X thread_x
#define FRAMEWELL_THREAD_Y thread_y
#include "cuda/color_kernels.cu"

struct CUstream_st {};
struct CUmod_st {
  std::string ptx;
};
struct CUfunc_st {
  const char* name;
  void (*kernel)(framewell::JfifKernelParams);
};

namespace stand_in {
namespace {

CUfunc_st kFunctions[] = {{"framewell_convert", framewell_convert}, {"framewell_scale", framewell_scale}};

CUresult Result(int code) { return static_cast<CUresult>(code); }

void CheckPlanes(const framewell::JfifKernelParams& p) {
  const auto reach = [](int rows, int pitch, int bytes) { return static_cast<size_t>(rows - 1) * pitch + bytes; };
  const int chroma_rows = (p.source_height + 1) / 2;
  const int row_bytes = p.source_width * p.bytes_per_sample;
  const int chroma_row_bytes = (p.source_width + 1) / 2 * 2 * p.bytes_per_sample;
  CheckRange(p.luma, reach(p.source_height, p.source_pitch, row_bytes), "a kernel's luma");
  CheckRange(p.chroma, reach(chroma_rows, p.source_pitch, chroma_row_bytes), "a kernel's chroma");
  CheckRange(p.out_luma, reach(p.height, p.out_luma_pitch, p.width), "a kernel's output");
  for (const unsigned char* plane : {p.out_cb, p.out_cr}) {
    CheckRange(plane, reach((p.height + 1) / 2, p.out_chroma_pitch, (p.width + 1) / 2), "a kernel's output");
  }
}

}  // namespace
}  // namespace stand_in

using namespace stand_in;

extern "C" {

STAND_IN_EXPORT CUresult cuStreamCreate(CUstream* stream, unsigned int flags) {
  if (const CUresult result = Enter("StreamCreate")) return result;
  if (flags != CU_STREAM_NON_BLOCKING) Violation("a stream waits for the NULL stream");
  *stream = new CUstream_st;
  Register(*stream, "stream");
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuStreamSynchronize(CUstream stream) {
  if (const CUresult result = Enter("StreamSynchronize")) return result;
  return Result(IsRegistered(stream, "stream") ? 0 : kInvalidHandle);
}

STAND_IN_EXPORT CUresult cuStreamDestroy_v2(CUstream stream) {
  const CUresult result = Enter("StreamDestroy");
  if (Unregister(stream, "stream")) delete stream;
  return result;
}

STAND_IN_EXPORT CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  if (const CUresult result = Enter("ModuleLoadData")) return result;
  if (!std::strstr(static_cast<const char*>(image), ".target sm_")) return Result(kInvalidImage);
  *module = new CUmod_st{static_cast<const char*>(image)};
  Register(*module, "module");
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuModuleUnload(CUmodule module) {
  const CUresult result = Enter("ModuleUnload");
  if (Unregister(module, "module")) delete module;
  return result;
}

// The PTX has to have the kernel too.
STAND_IN_EXPORT CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  if (const CUresult result = Enter("ModuleGetFunction")) return result;
  for (CUfunc_st& known : kFunctions) {
    if (std::strcmp(known.name, name) != 0) continue;
    if (module->ptx.find(std::string(".entry ") + name + "(") == std::string::npos) break;
    *function = &known;
    return CUDA_SUCCESS;
  }
  return Result(kNotFound);
}

STAND_IN_EXPORT CUresult cuLaunchKernel(CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int,
                                        unsigned int block_x, unsigned int block_y, unsigned int, unsigned int,
                                        CUstream stream, void** arguments, void**) {
  if (const CUresult result = Enter("LaunchKernel")) return result;
  if (!stream || !IsRegistered(stream, "stream")) Violation("a kernel was put on no stream of the current context");
  const auto& params = *static_cast<const framewell::JfifKernelParams*>(arguments[0]);
  CheckPlanes(params);
  for (thread_y = 0; thread_y < grid_y * block_y; ++thread_y) {
    for (thread_x = 0; thread_x < grid_x * block_x; ++thread_x) function->kernel(params);
  }
  return CUDA_SUCCESS;
}
}
