#include "engine_wrap.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "frame_wrap.h"
#include "gpu_wrap.h"

namespace framewell {
namespace {

// Runs before the environment goes, also where no JavaScript runs any more: threads first, then their way to it.
void ShutdownHook(void* hook_context) {
  auto& context = *static_cast<EngineContext*>(hook_context);
  context.engine.Shutdown();
  context.js.Close();
}

// 0 where it is absent.
int Integer(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : 0;
}

std::optional<CropRectangle> ParseCrop(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const Napi::Object crop = value.As<Napi::Object>();
  return CropRectangle{Integer(crop, "x"), Integer(crop, "y"), Integer(crop, "width"), Integer(crop, "height")};
}

JpegOptions ParseJpegOptions(const Napi::Object& options) {
  const Napi::Value fit = options.Get("fit");
  const bool covers = fit.IsString() && fit.As<Napi::String>().Utf8Value() == "cover";
  return {.quality = Integer(options, "quality"),
          .max_width = Integer(options, "width"),
          .max_height = Integer(options, "height"),
          .fit = covers ? Fit::kCover : Fit::kInside,
          .crop = ParseCrop(options.Get("crop"))};
}

// The bytes go to the Buffer without a copy.
Napi::Buffer<uint8_t> ToBuffer(Napi::Env env, JpegBytes& jpeg) {
  const size_t size = jpeg.size();
  return Napi::Buffer<uint8_t>::NewOrCopy(env, jpeg.Release(), size,
                                          [](Napi::BasicEnv, uint8_t* data) { std::free(data); });
}

CameraNetworks ParseNetworks(Napi::Env env, const Napi::Value& value) {
  if (!value.IsArray()) return {};
  const Napi::Array list = value.As<Napi::Array>();
  std::vector<std::string> blocks;
  for (uint32_t i = 0; i < list.Length(); ++i) blocks.push_back(list.Get(i).As<Napi::String>().Utf8Value());
  try {
    return CameraNetworks(blocks);
  } catch (const EngineError& error) {
    throw CodedError(env, error);
  }
}

}  // namespace

Napi::Function EngineWrap::DefineClass(Napi::Env env) {
  return Napi::ObjectWrap<EngineWrap>::DefineClass(env, "Engine",
                                                   {
                                                       InstanceMethod<&EngineWrap::OpenSession>("openSession"),
                                                       InstanceMethod<&EngineWrap::EncodeJpeg>("encodeJpeg"),
                                                       InstanceMethod<&EngineWrap::Status>("status"),
                                                       InstanceMethod<&EngineWrap::GpuStatus>("gpuStatus"),
                                                       InstanceMethod<&EngineWrap::Shutdown>("shutdown"),
                                                   });
}

EngineWrap::EngineWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineWrap>(info) {
  const Napi::Object options = info[0].As<Napi::Object>();
  const auto threads = options.Get("workThreads").As<Napi::Number>().Uint32Value();
  context_ = std::make_shared<EngineContext>(info.Env(), threads, ParseGpus(info.Env(), options.Get("gpus")),
                                             ParseNetworks(info.Env(), options.Get("cameraNetworks")));
  context_->frame_class = Napi::Persistent(FrameWrap::DefineClass(info.Env()));
  context_->session_class = Napi::Persistent(SessionWrap::DefineClass(info.Env()));
  napi_add_env_cleanup_hook(info.Env(), ShutdownHook, context_.get());
}

EngineWrap::~EngineWrap() { napi_remove_env_cleanup_hook(Env(), ShutdownHook, context_.get()); }

Napi::Value EngineWrap::OpenSession(const Napi::CallbackInfo& info) {
  return context_->session_class.New(
      {Napi::External<std::shared_ptr<EngineContext>>::New(info.Env(), &context_), info[0], info[1]});
}

Napi::Value EngineWrap::EncodeJpeg(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object object = info[0].IsObject() ? info[0].As<Napi::Object>() : Napi::Object::New(env);
  if (!object.InstanceOf(context_->frame_class.Value())) {
    throw Napi::TypeError::New(env, "Expected a frame of this engine");
  }
  const FrameWrap& frame = *FrameWrap::Unwrap(object);
  const auto deferred = Napi::Promise::Deferred::New(env);
  if (!frame.picture()) {
    deferred.Reject(
        CodedError(env, {"ERR_FRAME_RELEASED", "Expected a frame that is held but it was released"}).Value());
    return deferred.Promise();
  }
  context_->js.Hold();
  EngineContext& context = *context_;
  const Napi::Object options = info[1].As<Napi::Object>();
  context.engine.Encode(
      {.picture = frame.picture(),
       .options = ParseJpegOptions(options),
       .as_received = options.Get("asReceived").ToBoolean(),
       .meter = frame.meter()},
      [&context, deferred](JpegBytes* jpeg, const EngineError* error) {
        if (jpeg) {
          // std::function wants a copyable capture.
          context.js.Post([&context, deferred, owned = std::make_shared<JpegBytes>(std::move(*jpeg))](Napi::Env env) {
            context.js.Release();
            deferred.Resolve(ToBuffer(env, *owned));
          });
        } else {
          context.js.Post([&context, deferred, cause = *error](Napi::Env env) {
            context.js.Release();
            deferred.Reject(CodedError(env, cause).Value());
          });
        }
      });
  return deferred.Promise();
}

Napi::Value EngineWrap::Status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const WorkPool::Status now = context_->engine.status();
  Napi::Object work = Napi::Object::New(env);
  work.Set("threads", static_cast<double>(now.threads));
  work.Set("queued", static_cast<double>(now.queued));
  Napi::Object status = Napi::Object::New(env);
  status.Set("work", work);
  return status;
}

// Asks the driver, so not on this thread.
Napi::Value EngineWrap::GpuStatus(const Napi::CallbackInfo& info) {
  const auto deferred = Napi::Promise::Deferred::New(info.Env());
  EngineContext& context = *context_;
  context.js.Hold();
  context.engine.Post([&context, deferred] {
    context.js.Post([&context, deferred, statuses = context.engine.GpuStatuses()](Napi::Env env) {
      context.js.Release();
      Napi::Array list = Napi::Array::New(env, statuses.size());
      for (uint32_t i = 0; i < statuses.size(); ++i) list.Set(i, GpuStatusObject(env, statuses[i]));
      deferred.Resolve(list);
    });
  });
  return deferred.Promise();
}

Napi::Value EngineWrap::Shutdown(const Napi::CallbackInfo& info) {
  context_->engine.Shutdown();
  return info.Env().Undefined();
}

}  // namespace framewell
