// A camera's WorkMeter as JavaScript holds it. services/native-binding.ts has its TypeScript face.
#pragma once

#include <napi.h>

#include <memory>

#include "work_meter.h"

namespace framewell {

class WorkMeterWrap : public Napi::ObjectWrap<WorkMeterWrap> {
 public:
  static Napi::Function DefineClass(Napi::Env env);

  // new WorkMeter()
  explicit WorkMeterWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<WorkMeterWrap>(info) {}

  const std::shared_ptr<WorkMeter>& meter() const { return meter_; }

 private:
  Napi::Value Read(const Napi::CallbackInfo& info);

  const std::shared_ptr<WorkMeter> meter_ = std::make_shared<WorkMeter>();
};

}  // namespace framewell
