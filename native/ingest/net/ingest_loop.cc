#include "ingest/net/ingest_loop.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace framewell {
namespace {

// A keyframe of a 4K camera is some hundred kilobytes, and arrives in one burst. Also larger than
// RtspFramer::kMaxElement, so that every element fits.
constexpr size_t kReadBufferBytes = 1024 * 1024;
constexpr size_t kEventsPerWait = 256;

// Takes the events of handlers that have gone.
struct GoneHandler final : IngestLoop::SocketHandler {
  void OnReady(uint32_t) override {}
} gone;

FileDescriptor Checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return FileDescriptor(fd);
}

}  // namespace

LoopTasks::LoopTasks() : wake_(Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {}

void LoopTasks::Post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake.
  static_cast<void>(::write(wake_.get(), &one, sizeof one));
}

std::vector<std::function<void()>> LoopTasks::Take() {
  uint64_t count = 0;
  static_cast<void>(::read(wake_.get(), &count, sizeof count));
  const std::lock_guard lock(mutex_);
  return std::exchange(tasks_, {});
}

IngestLoop::IngestLoop()
    : epoll_(Checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      tasks_(std::make_shared<LoopTasks>()),
      read_buffer_(kReadBufferBytes) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, tasks_->wake_.get(), &event) < 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
  thread_ = std::thread([this] { Run(); });
}

IngestLoop::~IngestLoop() {
  tasks_->Post([this] { closing_ = true; });
  thread_.join();
}

void IngestLoop::Watch(int fd, uint32_t epoll_events, SocketHandler& handler) {
  epoll_event event{.events = epoll_events, .data = {.ptr = &handler}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void IngestLoop::ChangeEvents(int fd, uint32_t epoll_events, SocketHandler& handler) {
  epoll_event event{.events = epoll_events, .data = {.ptr = &handler}};
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

// A task under way may unwatch a descriptor whose event is still to be handled in this round.
void IngestLoop::Unwatch(int fd, const SocketHandler& handler) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  for (epoll_event& event : pending_events_) {
    if (event.data.ptr == &handler) event.data.ptr = &gone;
  }
}

void IngestLoop::CallAt(TimePoint when, TimerHandler& handler) {
  when = std::max(when, not_before_);
  const auto armed = armed_.find(&handler);
  if (armed != armed_.end() && armed->second <= when) return;
  Forget(handler);
  if (when == TimePoint::max()) return;
  timers_.emplace(when, &handler);
  armed_.emplace(&handler, when);
}

void IngestLoop::Forget(const TimerHandler& handler) {
  const auto armed = armed_.find(&handler);
  if (armed == armed_.end()) return;
  const auto [first, last] = timers_.equal_range(armed->second);
  timers_.erase(std::find_if(first, last, [&](const auto& timer) { return timer.second == &handler; }));
  armed_.erase(armed);
}

void IngestLoop::Run() {
  pthread_setname_np(pthread_self(), "fw-ingest");
  std::array<epoll_event, kEventsPerWait> events;
  while (!closing_) {
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), MillisecondsToNextTimer());
    bool tasks_came = false;
    for (int i = 0; i < count; ++i) {
      pending_events_ = std::span(events).subspan(i + 1, count - i - 1);
      if (auto* handler = static_cast<SocketHandler*>(events[i].data.ptr)) {
        handler->OnReady(events[i].events);
      } else {
        tasks_came = true;
      }
    }
    pending_events_ = {};
    if (tasks_came) {
      for (const auto& task : tasks_->Take()) task();
    }
    RunTimers();
  }
}

void IngestLoop::RunTimers() {
  if (timers_.empty()) return;
  const TimePoint now = Clock::now();
  not_before_ = now + std::chrono::milliseconds(1);
  while (!timers_.empty() && timers_.begin()->first <= now) {
    TimerHandler* handler = timers_.begin()->second;
    timers_.erase(timers_.begin());
    armed_.erase(handler);
    CallAt(handler->OnTimer(now), *handler);
  }
  not_before_ = TimePoint::min();
}

int IngestLoop::MillisecondsToNextTimer() const {
  if (timers_.empty()) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first - Clock::now());
  return static_cast<int>(std::clamp<int64_t>(wait.count(), 0, 60'000));
}

IngestLoop& IngestLoops::Lease::loop() const {
  const std::lock_guard lock(loops_->mutex_);
  return *loops_->entries_[index_].loop;
}

IngestLoops::Lease IngestLoops::Take() {
  const std::lock_guard lock(mutex_);
  auto entry = std::min_element(entries_.begin(), entries_.end(),
                                [](const Entry& a, const Entry& b) { return a.cameras < b.cameras; });
  if (entry == entries_.end() || entry->cameras >= kCamerasPerLoop) {
    entries_.push_back({std::make_unique<IngestLoop>()});
    entry = entries_.end() - 1;
  }
  ++entry->cameras;
  return Lease(*this, static_cast<size_t>(entry - entries_.begin()));
}

void IngestLoops::Return(size_t index) {
  const std::lock_guard lock(mutex_);
  --entries_[index].cameras;
}

}  // namespace framewell
