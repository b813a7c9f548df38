// Runs functions of the engine's threads on the JavaScript thread.
#pragma once

#include <napi.h>

#include <functional>

namespace framewell {

// One queue for one environment. Lives until the engine's threads have been joined; owned by the EngineWrap.
class JsThread {
 public:
  using Task = std::function<void(Napi::Env)>;

  explicit JsThread(Napi::Env env);
  ~JsThread() { Close(); }
  JsThread(const JsThread&) = delete;
  JsThread& operator=(const JsThread&) = delete;

  // From any thread. A task that comes when the environment is going down is dropped.
  void Post(Task task);

  // On the JavaScript thread: the event loop stays alive while there are more Holds than Releases, so a process
  // with open sessions does not end, and one without does.
  void Hold();
  void Release();

  // On the JavaScript thread, after the last Post. Idempotent. When the environment goes it frees its queues before it
  // finalizes objects, so its cleanup hook has to come here first.
  void Close();

 private:
  const Napi::Env env_;
  napi_threadsafe_function queue_ = nullptr;
  int holds_ = 0;
};

}  // namespace framewell
