#include "gpu_wrap.h"

#include <optional>
#include <string>

#include "cuda/driver_api.h"
#include "session_wrap.h"

namespace framewell {

Napi::Value DriverObject(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const DriverReport& driver = Driver();
  Napi::Object report = Napi::Object::New(env);
  report.Set("cuda", Napi::Boolean::New(env, driver.api != nullptr));
  report.Set("reason", driver.reason);
  report.Set("standIn", Napi::Boolean::New(env, driver.stand_in));
  report.Set("cudaVersion", Napi::Number::New(env, driver.cuda_version));
  report.Set("jpegLibrary", driver.jpeg_library);
  report.Set("devices", Napi::Number::New(env, driver.device_count));
  return report;
}

Gpus ParseGpus(Napi::Env env, const Napi::Value& ordinals) {
  Gpus gpus;
  if (!ordinals.IsArray()) return gpus;
  const DriverReport& driver = Driver();
  if (!driver.api) throw CodedError(env, {"ERR_GPU_UNAVAILABLE", driver.reason});
  const Napi::Array list = ordinals.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const int ordinal = list.Get(i).As<Napi::Number>().Int32Value();
    if (ordinal >= driver.device_count) {
      throw CodedError(
          env, {"ERR_GPU_UNAVAILABLE", "Expected a GPU below " + std::to_string(driver.device_count) +
                                           " (the driver counts from 0) but received " + std::to_string(ordinal)});
    }
    gpus.push_back(std::make_shared<Gpu>(driver.api, ordinal));
  }
  return gpus;
}

Napi::Object GpuStatusObject(Napi::Env env, const GpuStatus& status) {
  const auto number = [&](auto value) { return Napi::Number::New(env, static_cast<double>(value)); };
  Napi::Object gpu = Napi::Object::New(env);
  gpu.Set("id", number(status.ordinal));
  gpu.Set("name", status.name);
  gpu.Set("pciBusId", status.pci_bus_id);
  if (!status.unavailable.empty()) gpu.Set("unavailable", status.unavailable);
  gpu.Set("contextUsers", number(status.context_users));
  gpu.Set("decoders", number(status.decoders));
  gpu.Set("timesLost", number(status.times_lost));
  gpu.Set("encodesOnCpu", number(status.encodes_on_cpu));
  if (!status.encode_failure.empty()) gpu.Set("encodeFailure", status.encode_failure);
  if (!status.driver_version.empty()) gpu.Set("driverVersion", status.driver_version);
  const auto set = [&](const char* name, const auto& value) {
    if (value) gpu.Set(name, number(*value));
  };
  set("memoryFreeBytes", status.memory_free);
  set("memoryTotalBytes", status.memory_total);
  set("memoryOfProcessBytes", status.memory_of_process);
  set("utilizationPercent", status.utilization);
  set("decoderPercent", status.decoder_utilization);
  set("encoderPercent", status.encoder_utilization);
  set("temperatureCelsius", status.temperature);
  return gpu;
}

}  // namespace framewell
