// The engine's own threads for decoding and encoding; libuv's pool stays free for files, DNS and sharp.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace framewell {

// A fixed number of threads that take tasks in the order they came. Tasks must not throw and must not block on
// other tasks. Thread-safe.
class WorkPool {
 public:
  using Task = std::function<void()>;

  explicit WorkPool(size_t threads);
  ~WorkPool() { Close(); }

  // Dropped after Close().
  void Post(Task task);
  // Drops the tasks that have not begun, waits for those that have. Idempotent; not from two threads at once.
  void Close();

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;  // Guarded by mutex_.
  bool closing_ = false;    // Guarded by mutex_.
  std::vector<std::thread> threads_;
};

}  // namespace framewell
