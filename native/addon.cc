#include <napi.h>

#include "engine_wrap.h"
#include "gpu_wrap.h"
#include "work_meter_wrap.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("Engine", framewell::EngineWrap::DefineClass(env));
  exports.Set("WorkMeter", framewell::WorkMeterWrap::DefineClass(env));
  exports.Set("driver", Napi::Function::New<framewell::DriverObject>(env, "driver"));
  return exports;
}

}  // namespace

NODE_API_MODULE(framewell, Init)
