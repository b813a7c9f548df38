#include "frame_wrap.h"

#include <utility>

#include "cuda/gpu.h"

namespace framewell {
namespace {

// Pixels are invisible to the garbage collector; told of them, it does not let frames pile up.
int64_t BytesOf(const Picture& picture) {
  if (picture.jpeg) return static_cast<int64_t>(picture.jpeg->bytes.size());
  // On the card, where it is scarcer.
  if (picture.device) return static_cast<int64_t>(BytesOf(*picture.device));
  int64_t bytes = 0;
  for (const AVBufferRef* buffer : picture.frame->buf) bytes += buffer ? static_cast<int64_t>(buffer->size) : 0;
  return bytes;
}

}  // namespace

Napi::Function FrameWrap::DefineClass(Napi::Env env) {
  return Napi::ObjectWrap<FrameWrap>::DefineClass(env, "DecodedFrame",
                                                  {InstanceMethod<&FrameWrap::Release>("release")});
}

Napi::Object FrameWrap::Wrap(Napi::Env env, const Napi::FunctionReference& constructor, PicturePtr picture,
                             std::shared_ptr<WorkMeter> meter) {
  return constructor.New(
      {Napi::External<PicturePtr>::New(env, &picture), Napi::External<std::shared_ptr<WorkMeter>>::New(env, &meter)});
}

FrameWrap::FrameWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FrameWrap>(info) {
  if (info.Length() != 2 || !info[0].IsExternal() || !info[1].IsExternal()) {
    throw Napi::TypeError::New(info.Env(), "Expected frames to come from a session, not from a constructor");
  }
  picture_ = std::move(*info[0].As<Napi::External<PicturePtr>>().Data());
  meter_ = std::move(*info[1].As<Napi::External<std::shared_ptr<WorkMeter>>>().Data());
  external_bytes_ = BytesOf(*picture_);
  Napi::MemoryManagement::AdjustExternalMemory(info.Env(), external_bytes_);

  Napi::Object self = info.This().As<Napi::Object>();
  const auto set = [&](const char* name, double value) {
    self.DefineProperty(Napi::PropertyDescriptor::Value(name, Napi::Number::New(info.Env(), value), napi_enumerable));
  };
  set("sequence", static_cast<double>(picture_->sequence));
  set("ptsUs", static_cast<double>(picture_->pts_us));
  set("receivedAtMs", static_cast<double>(picture_->received_unix_us) / 1000.0);
  if (picture_->capture_unix_us) set("captureAtMs", static_cast<double>(*picture_->capture_unix_us) / 1000.0);
  set("width", picture_->display.width);
  set("height", picture_->display.height);
}

void FrameWrap::Finalize(Napi::BasicEnv env) {
  if (picture_) Napi::MemoryManagement::AdjustExternalMemory(env, -external_bytes_);
}

Napi::Value FrameWrap::Release(const Napi::CallbackInfo& info) {
  if (std::exchange(picture_, nullptr)) {
    Napi::MemoryManagement::AdjustExternalMemory(info.Env(), -external_bytes_);
  }
  return info.Env().Undefined();
}

}  // namespace framewell
