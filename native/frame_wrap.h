// A decoded picture as JavaScript holds it: DecodedFrame in services/stream/decode-backend.ts.
#pragma once

#include <napi.h>

#include "decode/picture.h"

namespace framewell {

// Holds one reference to the picture until release() or garbage collection. The facts stay readable after that.
class FrameWrap : public Napi::ObjectWrap<FrameWrap> {
 public:
  static Napi::Function DefineClass(Napi::Env env);
  // Makes the JavaScript object. `constructor` is what DefineClass gave.
  static Napi::Object Wrap(Napi::Env env, const Napi::FunctionReference& constructor, PicturePtr picture);

  explicit FrameWrap(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

  // Null after release().
  const PicturePtr& picture() const { return picture_; }

 private:
  Napi::Value Release(const Napi::CallbackInfo& info);

  PicturePtr picture_;
  int64_t external_bytes_ = 0;
};

}  // namespace framewell
