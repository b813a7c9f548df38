#include "ingest/gop_ring.h"

#include <algorithm>
#include <utility>

namespace framewell {

bool GopRing::Push(AccessUnitPtr unit) {
  const std::lock_guard lock(mutex_);
  const size_t high_water = max_bytes_ - max_bytes_ / 4;
  if (unit->keyframe) {
    units_.clear();
    bytes_ = 0;
    // Decided by the whole group that just ended, so that decoding does not flap within each group.
    overflowed_ = gop_bytes_ > high_water;
    gop_bytes_ = 0;
    gop_sequence_ = unit->sequence;
    complete_ = false;
  }
  gop_bytes_ += unit->bytes.size();
  if (bytes_ + unit->bytes.size() > max_bytes_) {
    units_.clear();
    bytes_ = 0;
    overflowed_ = true;
    return false;
  }
  bytes_ += unit->bytes.size();
  newest_sequence_ = unit->sequence;
  units_.push_back(std::move(unit));
  if (bytes_ > high_water) overflowed_ = true;
  return true;
}

GopRing::Batch GopRing::After(const AccessUnitPtr& last, size_t limit) const {
  const std::lock_guard lock(mutex_);
  Batch batch;
  if (units_.empty()) return batch;
  auto first = units_.begin();
  if (last && last->gop_sequence == gop_sequence_) {
    first =
        std::find_if(units_.begin(), units_.end(), [&](const auto& unit) { return unit->sequence > last->sequence; });
  } else {
    // An overflowed ring may have let its keyframe go: the rest is of no use to a new reader.
    if (!units_.front()->keyframe) return batch;
    batch.discontinuity = !last || last->sequence + 1 != units_.front()->sequence;
  }
  const auto count = std::min<size_t>(limit, units_.end() - first);
  batch.units.assign(first, first + count);
  batch.more = first + count != units_.end();
  return batch;
}

AccessUnitPtr GopRing::KeyframeAfter(const AccessUnitPtr& last) const {
  const std::lock_guard lock(mutex_);
  if (units_.empty() || !units_.front()->keyframe) return nullptr;
  return last && last->sequence >= units_.front()->sequence ? nullptr : units_.front();
}

GopRing::Group GopRing::Whole() const {
  const std::lock_guard lock(mutex_);
  Group group;
  group.complete = complete_;
  if (!units_.empty() && units_.front()->keyframe) group.units.assign(units_.begin(), units_.end());
  return group;
}

void GopRing::Complete() {
  const std::lock_guard lock(mutex_);
  complete_ = true;
}

void GopRing::Clear() {
  const std::lock_guard lock(mutex_);
  units_.clear();
  bytes_ = 0;
}

void GopRing::MarkConsumed(const AccessUnit& unit) {
  const std::lock_guard lock(mutex_);
  if (!overflowed_) return;
  while (!units_.empty() && units_.front()->sequence <= unit.sequence) DropFront();
}

void GopRing::TruncateFrom(const AccessUnit& unit) {
  const std::lock_guard lock(mutex_);
  if (unit.gop_sequence != gop_sequence_) return;
  while (!units_.empty() && units_.back()->sequence >= unit.sequence) {
    bytes_ -= units_.back()->bytes.size();
    units_.pop_back();
  }
  newest_sequence_ = unit.sequence - 1;
}

GopRing::Status GopRing::status() const {
  const std::lock_guard lock(mutex_);
  Status status;
  status.access_units = units_.size();
  status.bytes = bytes_;
  status.overflowed = overflowed_;
  status.complete = complete_;
  if (newest_sequence_ >= 0) status.newest_sequence = newest_sequence_;
  if (gop_sequence_ >= 0) status.keyframe_sequence = gop_sequence_;
  return status;
}

void GopRing::DropFront() {
  bytes_ -= units_.front()->bytes.size();
  units_.pop_front();
}

}  // namespace framewell
