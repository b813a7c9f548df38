// Gives decoded pictures back the facts of their access units, and a sequence in the order they are shown.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "ingest/access_unit.h"

namespace framewell {

// Access units are numbered in decoding order. With B-frames pictures are shown in another order, and a
// consumer that asks for "newer than n" needs numbers that grow with time. Within a group of pictures the units
// shown before one are those with a smaller PTS, so its place is its own number, plus the later-sent units that
// are shown before it, minus the earlier-sent ones that are shown after it. H.264 and H.265 reorder by at most
// 16 pictures (their max_num_reorder_frames), so a short window of units is enough.
//
// Belongs to one decoder; not thread-safe.
class PresentationOrder {
 public:
  // `unit` is about to go into the decoder.
  void Submitted(const AccessUnit& unit) {
    window_.push_back({unit.sequence, unit.gop_sequence, unit.pts_us, unit.received_unix_us, unit.capture_unix_us});
    if (window_.size() > kWindow) window_.pop_front();
  }

  struct Shown {
    int64_t sequence;
    int64_t pts_us;
    int64_t received_unix_us;
    std::optional<int64_t> capture_unix_us;
  };
  // The picture of the unit with this sequence has come out. False when the unit is not in the window.
  bool Find(int64_t unit_sequence, Shown& shown) const {
    for (const Entry& entry : window_) {
      if (entry.sequence != unit_sequence) continue;
      shown = {unit_sequence + Displacement(entry), entry.pts_us, entry.received_unix_us, entry.capture_unix_us};
      return true;
    }
    return false;
  }

 private:
  static constexpr size_t kWindow = 64;
  struct Entry {
    int64_t sequence;
    int64_t gop_sequence;
    int64_t pts_us;
    int64_t received_unix_us;
    std::optional<int64_t> capture_unix_us;
  };

  int64_t Displacement(const Entry& shown) const {
    int64_t displacement = 0;
    for (const Entry& other : window_) {
      if (other.gop_sequence != shown.gop_sequence) continue;
      if (other.sequence > shown.sequence && other.pts_us < shown.pts_us) ++displacement;
      if (other.sequence < shown.sequence && other.pts_us > shown.pts_us) --displacement;
    }
    return displacement;
  }

  std::deque<Entry> window_;
};

}  // namespace framewell
