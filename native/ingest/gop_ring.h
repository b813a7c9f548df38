// Everything since the last keyframe, so that the newest picture can be decoded at any moment.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "ingest/access_unit.h"

namespace framewell {

// One group of pictures, bounded in bytes: it starts with a keyframe and has no gap. Written by the
// source's thread, read by decode workers and by status calls; thread-safe.
//
// A group that outgrows three quarters of the bound makes the ring `overflowed`: it then keeps only what
// the decoder has not consumed, and the camera is decoded continuously until a whole group fits again.
class GopRing {
 public:
  explicit GopRing(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Takes the next unit; a keyframe starts a new group. False: the unit does not fit even so (the decoder
  // cannot keep up, or one unit is larger than the bound); the group is dropped and only a keyframe helps.
  bool Push(AccessUnitPtr unit);

  struct Batch {
    std::vector<AccessUnitPtr> units;
    // The first unit does not follow what the reader had: the decoder must be flushed before it.
    bool discontinuity = false;
    // Units that were left in the ring because of `limit`.
    bool more = false;
  };
  // Up to `limit` units that follow `last` (null: none yet), or the newest group from its keyframe when the
  // ring has moved on. Empty when there is nothing that can be decoded.
  Batch After(const AccessUnitPtr& last, size_t limit) const;
  // The newest keyframe, unless it is the one that `last` names.
  AccessUnitPtr KeyframeAfter(const AccessUnitPtr& last) const;

  // All that is kept, from its keyframe on; nothing when an overflow let the keyframe go.
  struct Group {
    std::vector<AccessUnitPtr> units;
    bool complete = false;
  };
  Group Whole() const;

  // No more units of this group will come: packets were lost, the session ended, or others are not wanted.
  void Complete();
  // Lets everything go.
  void Clear();

  // The decoder has taken everything up to `unit`. Frees it when the ring is overflowed.
  void MarkConsumed(const AccessUnit& unit);
  // `unit` turned out to be damaged: it and what follows in its group cannot be shown.
  void TruncateFrom(const AccessUnit& unit);

  struct Status {
    size_t access_units = 0;
    size_t bytes = 0;
    bool overflowed = false;
    // No more units of the newest group will come.
    bool complete = false;
    // Sequences of the newest unit and of its group's keyframe; absent while nothing was pushed.
    std::optional<int64_t> newest_sequence;
    std::optional<int64_t> keyframe_sequence;
  };
  Status status() const;

 private:
  void DropFront();  // Needs mutex_.

  const size_t max_bytes_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  std::deque<AccessUnitPtr> units_;
  size_t bytes_ = 0;
  // Bytes of the current group, with what an overflow let go.
  size_t gop_bytes_ = 0;
  int64_t gop_sequence_ = -1;
  int64_t newest_sequence_ = -1;
  bool overflowed_ = false;
  bool complete_ = false;
};

}  // namespace framewell
