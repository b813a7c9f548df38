// The part of NVML that reads a card's sensors. Written from NVIDIA's "NVML API Reference Guide"; the library comes
// with the driver and keeps its binary interface.
#pragma once

namespace framewell::nvml {

using Device = struct DeviceTag*;

// nvmlReturn_t. Others are failures that nothing here tells apart.
enum Status : int { kSuccess = 0 };
// nvmlTemperatureSensors_t.
enum TemperatureSensor : int { kGpuSensor = 0 };

// nvmlUtilization_t: percent of the last sample period in which the part was busy.
struct Utilization {
  unsigned int gpu;
  unsigned int memory;
};

// nvmlProcessInfo_t as the functions of version 3 have it. `memory_bytes` is all ones where the driver does not know.
struct ProcessInfo {
  unsigned int pid;
  unsigned long long memory_bytes;
  unsigned int gpu_instance;
  unsigned int compute_instance;
};

using Init = Status();
using SystemGetDriverVersion = Status(char* text, unsigned int length);
using DeviceGetHandleByPciBusId = Status(const char* bus_id, Device*);
using DeviceGetUtilizationRates = Status(Device, Utilization*);
using DeviceGetCodecUtilization = Status(Device, unsigned int* percent, unsigned int* period_us);
// `count` is how many fit, then how many there are.
using DeviceGetProcesses = Status(Device, unsigned int* count, ProcessInfo*);
using DeviceGetTemperature = Status(Device, TemperatureSensor, unsigned int* celsius);

}  // namespace framewell::nvml
