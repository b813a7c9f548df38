// A decoded picture as JavaScript holds it: DecodedFrame in services/stream/decode-backend.ts.
#pragma once

#include <napi.h>

#include <memory>

#include "decode/picture.h"
#include "work_meter.h"

namespace framewell {

// Holds one reference to the picture until release() or garbage collection. The facts stay readable after that.
class FrameWrap : public Napi::ObjectWrap<FrameWrap> {
 public:
  static Napi::Function DefineClass(Napi::Env env);
  // Makes the JavaScript object. `constructor` is what DefineClass gave, `meter` that of the picture's camera.
  static Napi::Object Wrap(Napi::Env env, const Napi::FunctionReference& constructor, PicturePtr picture,
                           std::shared_ptr<WorkMeter> meter);

  explicit FrameWrap(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

  // Null after release().
  const PicturePtr& picture() const { return picture_; }
  const std::shared_ptr<WorkMeter>& meter() const { return meter_; }

 private:
  Napi::Value Release(const Napi::CallbackInfo& info);

  PicturePtr picture_;
  std::shared_ptr<WorkMeter> meter_;
  int64_t external_bytes_ = 0;
};

}  // namespace framewell
