#include "ingest/net/ingest_loop.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>

#include <atomic>
#include <future>
#include <vector>

namespace framewell {
namespace {

using namespace std::chrono_literals;
using TimePoint = IngestLoop::TimePoint;

// Runs `task` on the loop's thread and waits for it.
void OnLoop(IngestLoop& loop, const std::function<void()>& task) {
  std::promise<void> done;
  loop.tasks()->Post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

class Timer final : public IngestLoop::TimerHandler {
 public:
  explicit Timer(std::function<TimePoint(TimePoint)> on_timer) : on_timer_(std::move(on_timer)) {}
  TimePoint OnTimer(TimePoint now) override { return on_timer_(now); }

 private:
  const std::function<TimePoint(TimePoint)> on_timer_;
};

TEST_CASE("a timer that is always due does not keep the loop from its tasks and other timers") {
  IngestLoop loop;
  std::atomic<int> rounds{0};
  Timer greedy([&](TimePoint) {
    ++rounds;
    return TimePoint::min();
  });
  std::promise<void> other_ran;
  Timer other([&](TimePoint) {
    other_ran.set_value();
    return TimePoint::max();
  });
  OnLoop(loop, [&] {
    loop.CallAt(TimePoint::min(), greedy);
    loop.CallAt(IngestLoop::Clock::now() + 20ms, other);
  });
  REQUIRE(other_ran.get_future().wait_for(5s) == std::future_status::ready);
  OnLoop(loop, [&] { loop.Forget(greedy); });
  CHECK(rounds > 1);
  CHECK(rounds < 1000);
}

TEST_CASE("a timer that sets itself while it runs is not run again in the same round") {
  IngestLoop loop;
  std::atomic<int> rounds{0};
  Timer* self = nullptr;
  Timer timer([&](TimePoint now) {
    ++rounds;
    loop.CallAt(now - 1s, *self);
    return TimePoint::max();
  });
  self = &timer;
  OnLoop(loop, [&] { loop.CallAt(TimePoint::min(), timer); });
  std::promise<void> reached;
  loop.tasks()->Post([&] { reached.set_value(); });
  REQUIRE(reached.get_future().wait_for(5s) == std::future_status::ready);
  OnLoop(loop, [&] { loop.Forget(timer); });
}

TEST_CASE("timers run in the order of their times; a later time does not put off an earlier one") {
  IngestLoop loop;
  std::vector<int> order;
  std::promise<void> done;
  const auto note = [&](int number) {
    return [&, number](TimePoint) {
      order.push_back(number);
      if (number == 3) done.set_value();
      return TimePoint::max();
    };
  };
  Timer first(note(1));
  Timer second(note(2));
  Timer third(note(3));
  OnLoop(loop, [&] {
    const TimePoint now = IngestLoop::Clock::now();
    loop.CallAt(now + 30ms, third);
    loop.CallAt(now + 10ms, first);
    loop.CallAt(now + 10h, first);
    loop.CallAt(now + 20ms, second);
  });
  REQUIRE(done.get_future().wait_for(5s) == std::future_status::ready);
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("a handler that goes takes its events of the same round with it") {
  struct Handler final : IngestLoop::SocketHandler {
    void OnReady(uint32_t) override {
      ++calls;
      if (other) loop->Unwatch(other->fd.get(), *other);
      loop->Unwatch(fd.get(), *this);
    }
    FileDescriptor fd{eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)};
    IngestLoop* loop = nullptr;
    Handler* other = nullptr;
    int calls = 0;
  };
  IngestLoop loop;
  Handler one;
  Handler two;
  one.loop = two.loop = &loop;
  one.other = &two;
  two.other = &one;
  // Both are ready before the loop looks.
  OnLoop(loop, [&] {
    loop.Watch(one.fd.get(), EPOLLIN, one);
    loop.Watch(two.fd.get(), EPOLLIN, two);
  });
  OnLoop(loop, [] {});
  OnLoop(loop, [] {});
  CHECK(one.calls + two.calls == 1);
}

TEST_CASE("each loop takes its share of cameras") {
  IngestLoops loops;
  std::vector<IngestLoops::Lease> leases;
  for (size_t i = 0; i < IngestLoops::kCamerasPerLoop; ++i) leases.push_back(loops.Take());
  const IngestLoop* first = &leases.front().loop();
  CHECK(&leases.back().loop() == first);
  const auto next = loops.Take();
  CHECK(&next.loop() != first);
  leases.pop_back();
  leases.pop_back();
  // Both have room: the emptier one is taken.
  CHECK(&loops.Take().loop() == &next.loop());
}

}  // namespace
}  // namespace framewell
