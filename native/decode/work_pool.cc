#include "decode/work_pool.h"

#include <pthread.h>

#include <utility>

namespace framewell {

WorkPool::WorkPool(size_t threads) {
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

void WorkPool::Close() {
  std::deque<Task> dropped;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    dropped.swap(tasks_);  // Destroyed outside the lock: a task's captures may end other objects.
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkPool::Post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void WorkPool::Work() {
  pthread_setname_np(pthread_self(), "fw-work");
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
    if (closing_) return;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }
}

}  // namespace framewell
