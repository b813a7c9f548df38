#include "js_thread_wrap.h"

#include <memory>
#include <utility>

namespace framewell {
namespace {

void RunTask(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<JsThread::Task> task(static_cast<JsThread::Task*>(data));
  // Null while the environment goes down: then the task is only freed.
  if (!env) return;
  const Napi::HandleScope scope(env);
  try {
    (*task)(env);
  } catch (const Napi::Error& error) {
    // Thrown by a JavaScript callback: it is the program's uncaught exception.
    napi_fatal_exception(env, error.Value());
  }
}

}  // namespace

JsThread::JsThread(Napi::Env env) : env_(env) {
  const napi_value name = Napi::String::New(env, "framewell");
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, RunTask, &queue_);
  if (status != napi_ok) throw Napi::Error::New(env);
  napi_unref_threadsafe_function(env, queue_);
}

void JsThread::Close() {
  if (queue_) napi_release_threadsafe_function(std::exchange(queue_, nullptr), napi_tsfn_abort);
}

void JsThread::Post(Task task) {
  auto owned = std::make_unique<Task>(std::move(task));
  if (napi_call_threadsafe_function(queue_, owned.get(), napi_tsfn_nonblocking) == napi_ok) owned.release();
}

void JsThread::Hold() {
  if (holds_++ == 0) napi_ref_threadsafe_function(env_, queue_);
}

void JsThread::Release() {
  if (--holds_ == 0) napi_unref_threadsafe_function(env_, queue_);
}

}  // namespace framewell
