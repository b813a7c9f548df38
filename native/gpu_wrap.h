// The driver and the cards, as JavaScript is told of them. services/native-binding.ts has the TypeScript face.
#pragma once

#include <napi.h>

#include "session/engine.h"

namespace framewell {

// driver(): what of NVIDIA's driver is there, and what is missing.
Napi::Value DriverObject(const Napi::CallbackInfo& info);

// The cards that `ordinals`, an array or nothing, names. Throws a coded error when the driver or one of them is
// missing.
Gpus ParseGpus(Napi::Env env, const Napi::Value& ordinals);

Napi::Object GpuStatusObject(Napi::Env env, const GpuStatus& status);

}  // namespace framewell
