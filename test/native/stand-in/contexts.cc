// Devices, primary contexts, and each thread's stack of current contexts.
#include "contexts.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace stand_in {
namespace {

int EnvironmentNumber(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

// A thread that ends with a context current keeps it from ever being destroyed on a card.
struct ContextStack {
  ~ContextStack() {
    if (!contexts.empty()) Violation("a thread ended with a context current");
  }
  std::vector<CUcontext> contexts;
};

ContextStack& TheStack() {
  static thread_local ContextStack stack;
  return stack;
}

// CUDA driver API, "Error handling": after these the process can only drop the context.
bool LosesContext(int code) {
  return code == 4 || code == 700 || code == 702 || (code >= 714 && code <= 719) || code == 999;
}

bool IsDevice(CUdevice device) { return device >= 0 && device < static_cast<int>(TheDevices().contexts.size()); }

CUresult Result(int code) { return static_cast<CUresult>(code); }

std::string BusId(CUdevice device) {
  char text[16];
  std::snprintf(text, sizeof text, "0000:%02x:00.0", static_cast<unsigned char>(device + 1));
  return text;
}

}  // namespace

Devices& TheDevices() {
  static Devices& devices = *[] {
    auto* made = new Devices;
    made->contexts.resize(EnvironmentNumber("FRAMEWELL_STAND_IN_GPUS", 1));
    for (size_t i = 0; i < made->contexts.size(); ++i) {
      made->contexts[i].ordinal = static_cast<int>(i);
      made->contexts[i].total_bytes = size_t(EnvironmentNumber("FRAMEWELL_STAND_IN_VRAM_MB", 1024)) << 20;
    }
    return made;
  }();
  return devices;
}

int DeviceAt(const std::string& bus_id) {
  const int count = static_cast<int>(TheDevices().contexts.size());
  for (int device = 0; device < count; ++device) {
    if (BusId(device) == bus_id) return device;
  }
  return -1;
}

CUcontext Current() { return TheStack().contexts.empty() ? nullptr : TheStack().contexts.back(); }

CUresult Enter(const char* site) {
  const CUcontext context = Current();
  if (!context) {
    Violation(std::string(site) + " was called without a current context");
    return Result(kInvalidContext);
  }
  const int fault = Fault(site);
  const std::lock_guard lock(TheDevices().mutex);
  if (context->retained == 0) {
    Violation(std::string(site) + " was called in a context that had been released");
    return Result(kInvalidContext);
  }
  if (!context->lost && LosesContext(fault)) context->lost = fault;
  return Result(context->lost ? context->lost : fault);
}

void Register(const void* object, const char* kind) {
  const std::lock_guard lock(TheDevices().mutex);
  Current()->objects.emplace(object, kind);
}

bool Unregister(const void* object, const char* kind) {
  const CUcontext context = Current();
  if (!context) {
    Violation(std::string("a ") + kind + " was destroyed without a current context");
    return false;
  }
  const std::lock_guard lock(TheDevices().mutex);
  const auto found = context->objects.find(object);
  if (found == context->objects.end() || found->second != kind) {
    Violation(std::string("a ") + kind + " was destroyed that does not exist in the current context");
    return false;
  }
  context->objects.erase(found);
  return true;
}

bool IsRegistered(const void* object, const char* kind) {
  const CUcontext context = Current();
  const std::lock_guard lock(TheDevices().mutex);
  const auto found = context->objects.find(object);
  const bool exists = found != context->objects.end() && found->second == kind;
  if (!exists) Violation(std::string("a ") + kind + " was used that does not exist in the current context");
  return exists;
}

}  // namespace stand_in

using namespace stand_in;

extern "C" {

STAND_IN_EXPORT CUresult cuInit(unsigned int) {
  const int fault = Fault("Init");
  TheDevices().initialized = fault == 0;
  return Result(fault);
}

STAND_IN_EXPORT CUresult cuDriverGetVersion(int* version) {
  const int fault = Fault("DriverGetVersion");
  // A fault's code is the version: how an old driver is made.
  *version = fault ? fault : 12'040;
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuGetErrorName(CUresult error, const char** text) {
  static thread_local char name[32];
  std::snprintf(name, sizeof name, "CUDA_ERROR_%d", static_cast<int>(error));
  *text = name;
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuGetErrorString(CUresult error, const char** text) {
  static thread_local char words[64];
  std::snprintf(words, sizeof words, "stand-in error %d", static_cast<int>(error));
  *text = words;
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuDeviceGetCount(int* count) {
  if (!TheDevices().initialized) return Result(kNotInitialized);
  *count = static_cast<int>(TheDevices().contexts.size());
  return Result(Fault("DeviceGetCount"));
}

STAND_IN_EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  if (!IsDevice(ordinal)) return Result(kInvalidDevice);
  *device = ordinal;
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  if (!IsDevice(device)) return Result(kInvalidDevice);
  std::snprintf(name, length, "Stand-in device %d (test double)", device);
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuDeviceGetPCIBusId(char* text, int length, CUdevice device) {
  if (!IsDevice(device)) return Result(kInvalidDevice);
  std::snprintf(text, length, "%s", BusId(device).c_str());
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned int flags) {
  if (!IsDevice(device)) return Result(kInvalidDevice);
  const std::lock_guard lock(TheDevices().mutex);
  TheDevices().contexts[device].flags = flags;
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  if (!IsDevice(device)) return Result(kInvalidDevice);
  if (const int fault = Fault("DevicePrimaryCtxRetain")) return Result(fault);
  const std::lock_guard lock(TheDevices().mutex);
  CUctx_st& primary = TheDevices().contexts[device];
  if (primary.retained++ == 0) {
    if (primary.flags != CU_CTX_SCHED_BLOCKING_SYNC) {
      Violation("a primary context came up without the blocking-sync flag: waiting threads would spin");
    }
    primary.used_bytes = kContextBytes;
  }
  *context = &primary;
  return Result(primary.lost);
}

STAND_IN_EXPORT CUresult cuDevicePrimaryCtxRelease(CUdevice device) {
  if (!IsDevice(device)) return Result(kInvalidDevice);
  const std::lock_guard lock(TheDevices().mutex);
  CUctx_st& primary = TheDevices().contexts[device];
  if (primary.retained == 0) return Result(kInvalidContext);
  if (--primary.retained > 0) return CUDA_SUCCESS;
  for (const auto& [object, kind] : primary.objects) Violation("a " + kind + " was left when its context was released");
  for (const auto& [block, size] : primary.blocks) {
    Violation("a block of " + std::to_string(size) + " bytes was left when its context was released");
    std::free(const_cast<unsigned char*>(block));
  }
  primary.objects.clear();
  primary.blocks.clear();
  primary.used_bytes = 0;
  primary.lost = 0;
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuCtxPushCurrent_v2(CUcontext context) {
  {
    const std::lock_guard lock(TheDevices().mutex);
    if (context->retained == 0) Violation("a context was made current after it had been released");
  }
  TheStack().contexts.push_back(context);
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  if (TheStack().contexts.empty()) {
    Violation("a context was popped from an empty stack");
    return Result(kInvalidContext);
  }
  if (context) *context = TheStack().contexts.back();
  TheStack().contexts.pop_back();
  return CUDA_SUCCESS;
}
}
