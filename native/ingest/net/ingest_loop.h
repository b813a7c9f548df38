// One thread that serves the sockets of many cameras.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "ingest/net/file_descriptor.h"

namespace framewell {

// Work for a loop from other threads. Outlives the loop where a look-up that nobody waits for still holds it; what
// is posted then is never run.
class LoopTasks {
 public:
  LoopTasks();
  void Post(std::function<void()> task);

 private:
  friend class IngestLoop;
  std::vector<std::function<void()>> Take();

  const FileDescriptor wake_;
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;  // Guarded by mutex_.
};

// Level-triggered epoll. Everything but tasks()->Post() happens on the loop's own thread.
class IngestLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;

  class SocketHandler {
   public:
    virtual ~SocketHandler() = default;
    virtual void OnReady(uint32_t epoll_events) = 0;
  };
  class TimerHandler {
   public:
    virtual ~TimerHandler() = default;
    // Returns when it wants to be called next; TimePoint::max() for never.
    virtual TimePoint OnTimer(TimePoint now) = 0;
  };

  IngestLoop();
  // Whatever it served must have ended.
  ~IngestLoop();

  const std::shared_ptr<LoopTasks>& tasks() const { return tasks_; }

  // `handler` stays valid until Unwatch. One descriptor a handler.
  void Watch(int fd, uint32_t epoll_events, SocketHandler& handler);
  void ChangeEvents(int fd, uint32_t epoll_events, SocketHandler& handler);
  void Unwatch(int fd, const SocketHandler& handler);

  // Calls `handler` at `when`, or sooner: deadlines that move away are not chased, the handler then says the new one.
  void CallAt(TimePoint when, TimerHandler& handler);
  void Forget(const TimerHandler& handler);

  // Large enough for what one socket can have waiting; reused for every read, so nothing may stay in it.
  std::span<uint8_t> read_buffer() { return read_buffer_; }

 private:
  void Run();
  void RunTimers();
  int MillisecondsToNextTimer() const;

  const FileDescriptor epoll_;
  const std::shared_ptr<LoopTasks> tasks_;
  bool closing_ = false;
  std::vector<uint8_t> read_buffer_;
  // What epoll_wait gave and was not handled yet: a handler that goes takes its events with it.
  std::span<epoll_event> pending_events_;
  std::multimap<TimePoint, TimerHandler*> timers_;
  std::map<const TimerHandler*, TimePoint> armed_;
  // While timers run, none is set to run in the same round, whatever its handler says: the sockets come in between.
  TimePoint not_before_ = TimePoint::min();
  std::thread thread_;  // Last member: runs from construction to destruction.
};

// The loops of one engine, a thread for each kCamerasPerLoop cameras. Thread-safe.
class IngestLoops {
 public:
  static constexpr size_t kCamerasPerLoop = 500;

  // The loop for one more camera, until the lease goes.
  class Lease {
   public:
    Lease(IngestLoops& loops, size_t index) : loops_(&loops), index_(index) {}
    Lease(Lease&& other) noexcept : loops_(std::exchange(other.loops_, nullptr)), index_(other.index_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (loops_) loops_->Return(index_);
    }
    IngestLoop& loop() const;

   private:
    IngestLoops* loops_;
    size_t index_;
  };
  Lease Take();

 private:
  struct Entry {
    std::unique_ptr<IngestLoop> loop;
    size_t cameras = 0;
  };
  void Return(size_t index);

  std::mutex mutex_;
  std::vector<Entry> entries_;  // Guarded by mutex_. Loops stay until the end.
};

}  // namespace framewell
