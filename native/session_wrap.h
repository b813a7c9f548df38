// One open session as JavaScript holds it. services/native-binding.ts has its TypeScript face.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "js_thread_wrap.h"
#include "session/engine.h"

namespace framewell {

// What the wrappers of one engine share. Lives as long as any of them.
struct EngineContext {
  EngineContext(Napi::Env env, size_t work_threads, Gpus gpus, CameraNetworks allowed)
      : js(env), networks(std::move(allowed)), engine(work_threads, std::move(gpus)) {}

  JsThread js;
  Napi::FunctionReference frame_class;
  Napi::FunctionReference session_class;
  const CameraNetworks networks;
  Engine engine;  // Last member: its threads are joined while the queue to JavaScript still stands.
};

class SessionWrap : public Napi::ObjectWrap<SessionWrap> {
 public:
  static Napi::Function DefineClass(Napi::Env env);

  // new Session(External<shared_ptr<EngineContext>>, options, onEvent): opens the session at once.
  explicit SessionWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value NextFrame(const Napi::CallbackInfo& info);
  Napi::Value LastFrame(const Napi::CallbackInfo& info);
  Napi::Value FrameAt(const Napi::CallbackInfo& info);
  Napi::Value Status(const Napi::CallbackInfo& info);
  Napi::Value Stop(const Napi::CallbackInfo& info);
  Napi::Value Discard(const Napi::CallbackInfo& info);

  SessionObserver MakeObserver();
  // On the JavaScript thread.
  void Emit(Napi::Env env, const char* type, const EngineError* cause);
  void Ended(Napi::Env env, const EngineError& cause);

  std::shared_ptr<EngineContext> context_;
  // Null once the session has ended: its sockets do not wait for the garbage collector.
  std::shared_ptr<CameraSession> session_;
  // What the session keeps to show, until discard(): neither does its ring.
  std::shared_ptr<PictureSeeker> seeker_;
  SessionStatus final_status_;
  // Of the camera, over all its sessions.
  std::shared_ptr<WorkMeter> meter_;
  Napi::FunctionReference on_event_;
};

// { code, message }, the only form in which a native error crosses over.
Napi::Object CauseObject(Napi::Env env, const EngineError& error);
// An Error with a code property.
Napi::Error CodedError(Napi::Env env, const EngineError& error);

}  // namespace framewell
