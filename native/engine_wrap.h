// The engine as JavaScript holds it. services/native-binding.ts has its TypeScript face.
#pragma once

#include <napi.h>

#include <memory>

#include "session_wrap.h"

namespace framewell {

class EngineWrap : public Napi::ObjectWrap<EngineWrap> {
 public:
  static Napi::Function DefineClass(Napi::Env env);

  // new Engine({ workThreads, gpus?, cameraNetworks? })
  explicit EngineWrap(const Napi::CallbackInfo& info);
  ~EngineWrap() override;

 private:
  Napi::Value OpenSession(const Napi::CallbackInfo& info);
  Napi::Value EncodeJpeg(const Napi::CallbackInfo& info);
  Napi::Value Status(const Napi::CallbackInfo& info);
  Napi::Value GpuStatus(const Napi::CallbackInfo& info);
  Napi::Value Shutdown(const Napi::CallbackInfo& info);

  std::shared_ptr<EngineContext> context_;
};

}  // namespace framewell
