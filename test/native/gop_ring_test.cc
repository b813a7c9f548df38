#include "ingest/gop_ring.h"

#include <doctest/doctest.h>

#include <memory>
#include <numeric>
#include <utility>
#include <vector>

namespace framewell {
namespace {

// Pushes units the way a session does: a keyframe every `gop` units.
class Feeder {
 public:
  explicit Feeder(GopRing& ring) : ring_(ring) {}

  bool Push(bool keyframe, size_t bytes = 100) {
    auto unit = std::make_shared<AccessUnit>();
    unit->sequence = ++sequence_;
    if (keyframe) gop_ = sequence_;
    unit->gop_sequence = gop_;
    unit->keyframe = keyframe;
    unit->bytes.Append(std::vector<uint8_t>(bytes));
    last = unit;
    return ring_.Push(unit);
  }
  void Skip() { ++sequence_; }

  AccessUnitPtr last;

 private:
  GopRing& ring_;
  int64_t sequence_ = 0;
  int64_t gop_ = 0;
};

std::vector<int64_t> Sequences(const GopRing::Batch& batch) {
  std::vector<int64_t> sequences;
  for (const auto& unit : batch.units) sequences.push_back(unit->sequence);
  return sequences;
}

using Expected = std::vector<int64_t>;

TEST_CASE("a keyframe replaces the group before it") {
  GopRing ring(10'000);
  Feeder feed(ring);
  feed.Push(true);
  feed.Push(false);
  feed.Push(true);
  feed.Push(false);
  CHECK(Sequences(ring.After(nullptr, 9)) == Expected{3, 4});
  CHECK(ring.status().bytes == 200);
  CHECK(*ring.status().keyframe_sequence == 3);
  CHECK(*ring.status().newest_sequence == 4);
}

TEST_CASE("a reader goes on where it was, in portions") {
  GopRing ring(10'000);
  Feeder feed(ring);
  for (int i = 0; i < 5; ++i) feed.Push(i == 0);
  const auto first = ring.After(nullptr, 3);
  CHECK(Sequences(first) == Expected{1, 2, 3});
  CHECK(first.discontinuity);
  CHECK(first.more);
  const auto second = ring.After(first.units.back(), 3);
  CHECK(Sequences(second) == Expected{4, 5});
  CHECK_FALSE(second.discontinuity);
  CHECK_FALSE(second.more);
  CHECK(ring.After(second.units.back(), 3).units.empty());
}

TEST_CASE("a reader that kept up crosses into the next group without a break") {
  GopRing ring(10'000);
  Feeder feed(ring);
  feed.Push(true);
  feed.Push(false);
  const AccessUnitPtr read = feed.last;
  feed.Push(true);
  const auto next = ring.After(read, 9);
  CHECK(Sequences(next) == Expected{3});
  CHECK_FALSE(next.discontinuity);
}

TEST_CASE("a reader that fell behind jumps to the newest group") {
  GopRing ring(10'000);
  Feeder feed(ring);
  feed.Push(true);
  const AccessUnitPtr read = feed.last;
  feed.Push(false);
  feed.Push(true);
  feed.Push(false);
  const auto next = ring.After(read, 9);
  CHECK(Sequences(next) == Expected{3, 4});
  CHECK(next.discontinuity);
}

TEST_CASE("units lost before a keyframe break the reader's continuity") {
  GopRing ring(10'000);
  Feeder feed(ring);
  feed.Push(true);
  const AccessUnitPtr read = feed.last;
  feed.Skip();
  feed.Push(true);
  CHECK(ring.After(read, 9).discontinuity);
}

TEST_CASE("damage takes the unit and what follows it, in its group only") {
  GopRing ring(10'000);
  Feeder feed(ring);
  feed.Push(true);
  feed.Push(false);
  const AccessUnitPtr damaged = feed.last;
  feed.Push(false);
  ring.TruncateFrom(*damaged);
  CHECK(Sequences(ring.After(nullptr, 9)) == Expected{1});
  CHECK(*ring.status().newest_sequence == 1);
  CHECK(ring.status().bytes == 100);
  feed.Push(true);
  ring.TruncateFrom(*damaged);
  CHECK(Sequences(ring.After(nullptr, 9)) == Expected{4});
}

TEST_CASE("past the bound the ring overflows, keeps what is not consumed, and recovers after a group that fits") {
  GopRing ring(1'000);
  Feeder feed(ring);
  feed.Push(true);
  for (int i = 0; i < 7; ++i) CHECK(feed.Push(false));
  CHECK(ring.status().overflowed);  // 800 of 1000 bytes.
  ring.MarkConsumed(*feed.last);
  CHECK(ring.status().bytes == 0);
  const AccessUnitPtr read = feed.last;
  CHECK(feed.Push(false));
  CHECK(Sequences(ring.After(read, 9)) == Expected{9});
  // A reader that starts now has no keyframe to start from.
  CHECK(ring.After(nullptr, 9).units.empty());

  feed.Push(true);
  CHECK(ring.status().overflowed);  // The group before did not fit.
  feed.Push(true);
  CHECK_FALSE(ring.status().overflowed);
  feed.Push(false);
  ring.MarkConsumed(*feed.last);
  CHECK(ring.status().access_units == 2);  // Nothing is let go while it fits.
}

TEST_CASE("a decoder that does not keep up costs the group, never memory") {
  GopRing ring(1'000);
  Feeder feed(ring);
  feed.Push(true, 500);
  CHECK(feed.Push(false, 400));
  CHECK_FALSE(feed.Push(false, 400));
  CHECK(ring.status().bytes == 0);
  CHECK(ring.After(nullptr, 9).units.empty());
  CHECK_FALSE(feed.Push(true, 2'000));  // One unit larger than the bound.
  CHECK(feed.Push(true, 500));
  CHECK(Sequences(ring.After(nullptr, 9)) == Expected{5});
}

TEST_CASE("the newest keyframe is given once") {
  GopRing ring(10'000);
  Feeder feed(ring);
  CHECK(ring.KeyframeAfter(nullptr) == nullptr);
  feed.Push(true);
  const AccessUnitPtr first = ring.KeyframeAfter(nullptr);
  REQUIRE(first);
  feed.Push(false);
  CHECK(ring.KeyframeAfter(first) == nullptr);
  feed.Push(true);
  CHECK(ring.KeyframeAfter(first)->sequence == 3);
}

TEST_CASE("the whole group is what decoding can start with") {
  GopRing ring(1'000);
  Feeder feed(ring);
  CHECK(ring.Whole().units.empty());
  feed.Push(true);
  feed.Push(false);
  feed.Push(false);
  CHECK(ring.Whole().units.size() == 3);
  CHECK(ring.Whole().units.front()->keyframe);
  feed.Push(false, 600);  // Overflows.
  ring.MarkConsumed(*ring.Whole().units[1]);
  CHECK(ring.status().access_units == 2);
  CHECK(ring.Whole().units.empty());
}

TEST_CASE("a group is complete until the next keyframe begins another") {
  GopRing ring(10'000);
  Feeder feed(ring);
  feed.Push(true);
  CHECK_FALSE(ring.Whole().complete);
  ring.Complete();
  CHECK(ring.Whole().complete);
  CHECK(ring.status().complete);
  feed.Push(true);
  CHECK_FALSE(ring.Whole().complete);
}

TEST_CASE("a cleared ring keeps nothing") {
  GopRing ring(10'000);
  Feeder feed(ring);
  feed.Push(true);
  feed.Push(false);
  const std::weak_ptr<const AccessUnit> unit = std::exchange(feed.last, nullptr);
  ring.Clear();
  CHECK(unit.expired());
  CHECK(ring.status().access_units == 0);
  CHECK(ring.status().bytes == 0);
}

}  // namespace
}  // namespace framewell
