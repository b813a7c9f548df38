#include <malloc.h>
#include <napi.h>

#include "engine_wrap.h"
#include "gpu_wrap.h"
#include "work_meter_wrap.h"

namespace {

// limitMallocArenas(most). Arenas that are there already are shared as well.
void LimitMallocArenas([[maybe_unused]] const Napi::CallbackInfo& info) {
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, info[0].As<Napi::Number>().Int32Value());
#endif
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("Engine", framewell::EngineWrap::DefineClass(env));
  exports.Set("WorkMeter", framewell::WorkMeterWrap::DefineClass(env));
  exports.Set("driver", Napi::Function::New<framewell::DriverObject>(env, "driver"));
  exports.Set("limitMallocArenas", Napi::Function::New<LimitMallocArenas>(env, "limitMallocArenas"));
  return exports;
}

}  // namespace

NODE_API_MODULE(framewell, Init)
