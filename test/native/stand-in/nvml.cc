// NVML's sensors, made up; only the memory is each device's own.
#include "cuda/nvml_abi.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "stand_in.h"

using namespace framewell::nvml;

namespace {

// nvmlReturn_t: NVML_ERROR_NOT_FOUND.
constexpr int kNotFound = 6;

}  // namespace

extern "C" {

STAND_IN_EXPORT Status nvmlInit_v2() { return static_cast<Status>(stand_in::Fault("NvmlInit")); }

STAND_IN_EXPORT Status nvmlSystemGetDriverVersion(char* text, unsigned int length) {
  std::snprintf(text, length, "550.00");
  return kSuccess;
}

STAND_IN_EXPORT Status nvmlDeviceGetHandleByPciBusId_v2(const char* bus_id, Device* device) {
  const int ordinal = stand_in::DeviceAt(bus_id);
  if (ordinal < 0) return static_cast<Status>(kNotFound);
  // Not null for the first.
  *device = reinterpret_cast<Device>(static_cast<uintptr_t>(ordinal) + 1);
  return kSuccess;
}

STAND_IN_EXPORT Status nvmlDeviceGetUtilizationRates(Device, Utilization* utilization) {
  *utilization = {.gpu = 12, .memory = 3};
  return static_cast<Status>(stand_in::Fault("NvmlUtilization"));
}

STAND_IN_EXPORT Status nvmlDeviceGetDecoderUtilization(Device, unsigned int* percent, unsigned int* period_us) {
  *percent = 34;
  *period_us = 167'000;
  return kSuccess;
}

STAND_IN_EXPORT Status nvmlDeviceGetEncoderUtilization(Device, unsigned int* percent, unsigned int* period_us) {
  *percent = 0;
  *period_us = 167'000;
  return kSuccess;
}

// The process is the only one on the card.
STAND_IN_EXPORT Status nvmlDeviceGetComputeRunningProcesses_v3(Device device, unsigned int* count,
                                                               ProcessInfo* processes) {
  processes[0] = {.pid = static_cast<unsigned>(getpid()),
                  .memory_bytes = stand_in::UsedBytes(static_cast<int>(reinterpret_cast<uintptr_t>(device)) - 1),
                  .gpu_instance = 0,
                  .compute_instance = 0};
  *count = 1;
  return kSuccess;
}

STAND_IN_EXPORT Status nvmlDeviceGetTemperature(Device, TemperatureSensor, unsigned int* celsius) {
  *celsius = 45;
  return kSuccess;
}
}
