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

using Init = Status();
using SystemGetDriverVersion = Status(char* text, unsigned int length);
using DeviceGetHandleByPciBusId = Status(const char* bus_id, Device*);
using DeviceGetUtilizationRates = Status(Device, Utilization*);
using DeviceGetCodecUtilization = Status(Device, unsigned int* percent, unsigned int* period_us);
using DeviceGetTemperature = Status(Device, TemperatureSensor, unsigned int* celsius);

}  // namespace framewell::nvml
