// A TEST DOUBLE of NVIDIA's driver: libcuda, libnvcuvid, libnvjpeg and libnvidia-ml for machines without a card. It
// decodes with libavcodec, encodes with libjpeg-turbo, keeps the card's memory on the heap and runs the kernels
// compiled for the CPU. Beyond that it holds its caller to the driver's rules, and fails on demand. What it cannot
// show: real memory use, errors that come late, speed.
//
// This header is what its libraries share; all of it lives in the libcuda.so.1 beside it.
//
// Environment, read once:
//   FRAMEWELL_STAND_IN_FAULTS      what fails, as SetFaults takes it
//   FRAMEWELL_STAND_IN_FAULT_FILE  a file with the same, read again whenever it changes
//   FRAMEWELL_STAND_IN_VRAM_MB     memory of each device, 1024
//   FRAMEWELL_STAND_IN_GPUS        devices, 1
//   FRAMEWELL_STAND_IN_REPORT      file that broken rules are written to when the process ends
#pragma once

#include <ffnvcodec/dynlink_cuda.h>

#include <cstddef>
#include <string>

namespace stand_in {

#define STAND_IN_EXPORT __attribute__((visibility("default")))

// CUresults that the headers leave out; from the driver API's documentation.
enum : int {
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialized = 3,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kInvalidHandle = 400,
  kNotFound = 500,
  kIllegalAddress = 700,
  kNotSupported = 801,
};

// Faults, separated by commas: `site=code`, optionally `@n` (the n-th call from now on alone) or `@n+` (from the n-th
// on). A site is a function's name without its library's prefix ("MemAlloc", "DecodePicture", "EncodeYUV"); the code is
// what it returns. `late:ms` as code lets the call succeed after that time. Replaces what was set before.
STAND_IN_EXPORT void SetFaults(const std::string& faults);
// What the call at `site` has to fail with, or 0.
STAND_IN_EXPORT int Fault(const char* site);

// The caller broke a rule of the driver that a card would answer with a crash, wrong pictures or a leak.
STAND_IN_EXPORT void Violation(const std::string& what);

// To be called first by every function that needs a current context: checks that there is one, that it was not lost,
// and what `site` has to fail with. A code that a card does not recover from loses the context for good.
STAND_IN_EXPORT CUresult Enter(const char* site);
// The device of this thread's current context; after Enter.
STAND_IN_EXPORT CUcontext Current();

// Whatever belongs to a context and must be gone before it. `kind` is a word for the report.
STAND_IN_EXPORT void Register(const void* object, const char* kind);
// A violation when it is not there, or when another context is current.
STAND_IN_EXPORT bool Unregister(const void* object, const char* kind);
STAND_IN_EXPORT bool IsRegistered(const void* object, const char* kind);

// Memory of the current device; null when its cap is reached.
STAND_IN_EXPORT void* Allocate(size_t bytes);
STAND_IN_EXPORT void Free(void* memory);
// A violation when the bytes are not all inside one allocation.
STAND_IN_EXPORT bool CheckRange(const void* first, size_t bytes, const char* what);
// Memory that is taken but never looked at.
STAND_IN_EXPORT bool Charge(size_t bytes);
STAND_IN_EXPORT void Refund(size_t bytes);
// What is taken on a device, its context included; needs no context.
STAND_IN_EXPORT size_t UsedBytes(int ordinal);
// The device with this bus id, or -1.
STAND_IN_EXPORT int DeviceAt(const std::string& bus_id);

}  // namespace stand_in

// By these the engine and its tests know the double. The tests look them up by name.
extern "C" {
STAND_IN_EXPORT void framewell_stand_in();
}
