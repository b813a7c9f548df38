#include "ingest/rtp/access_unit_builder.h"

#include <algorithm>
#include <utility>

namespace framewell {
namespace {

// Units of one packet say nothing of where a marker would stand in a longer one; so many in a row, each marked, are
// taken for a stream that has no other: one picture of delay for ever would be the price of doubt.
constexpr size_t kSinglePacketUnits = 25;

size_t WithRoom(size_t size) { return size + size / 8; }

}  // namespace

std::string Describe(UnitDamage damage) {
  if (damage == UnitDamage::kContradiction) return "RTP payloads do not make a whole access unit";
  return "Expected access units of at most " + std::to_string(AccessUnitBuilder::kMaxUnitBytes) +
         " bytes but received a larger one";
}

AccessUnitBuilder::AccessUnitBuilder(AccessUnitListener& listener, std::span<const uint8_t> trailer)
    : listener_(listener), trailer_(trailer) {}

void AccessUnitBuilder::StartPart(UnitPart part) {
  if (EndsUnit(part)) {
    LearnFromMarkers();
    Finish();
  }
  const bool begins_unit = part == UnitPart::kBeforePicture || part == UnitPart::kPictureStart;
  const bool is_picture = part == UnitPart::kPictureStart || part == UnitPart::kPictureMore;
  if (dropping_ && begins_unit && !has_picture_) Clear();
  if (is_picture) {
    undecided_offset_.reset();
    undecided_keyframe_ = false;
  } else if (part == UnitPart::kBeforePicture && has_picture_ && !undecided_offset_) {
    undecided_offset_ = unit_.bytes.size();
  }
  part_open_ = true;
  skipping_part_ = false;
  part_offset_ = unit_.bytes.size();
  if (dropping_) return;

  if (!has_picture_ && part == UnitPart::kAfterPicture) {
    // The picture it belongs to has been handed on with its marker.
    skipping_part_ = true;
  } else if (!has_picture_ && part == UnitPart::kPictureMore) {
    if (ended_by_marker_ && unit_.bytes.empty()) marker_trust_ = MarkerTrust::kRefuted;
    MarkDamaged(UnitDamage::kContradiction);
  } else if (is_picture) {
    MarkPicture();
  }
}

bool AccessUnitBuilder::EndsUnit(UnitPart part) const {
  if (!has_picture_) return false;
  const bool same_time = packet_.timestamp == unit_.time.timestamp;
  if (part == UnitPart::kBeforePicture) return !same_time;
  if (part != UnitPart::kPictureStart) return false;
  // RFC 6184 section 5.1: one timestamp and no marker yet make one access unit. That is the second field of a picture,
  // which FFmpeg and others send together with the first.
  const bool second_field = marker_trust_ == MarkerTrust::kTrusted && same_time;
  return !second_field;
}

void AccessUnitBuilder::Append(std::span<const uint8_t> bytes) {
  if (dropping_ || skipping_part_) return;
  if (unit_.bytes.size() + bytes.size() + trailer_.size() > kMaxUnitBytes) {
    MarkDamaged(UnitDamage::kTooLarge);
    return;
  }
  if (unit_.bytes.empty()) unit_.bytes.Reserve(WithRoom(last_size_));
  unit_.bytes.Append(bytes);
  unit_.time.received_unix_us = packet_.received_unix_us;
  if (has_picture_ && !undecided_offset_) packet_has_picture_ = true;
}

void AccessUnitBuilder::MarkPicture() {
  if (dropping_) return;
  if (undecided_offset_) {
    LearnFromMarkers();
    Finish();
  }
  packet_has_picture_ = true;
  if (!std::exchange(has_picture_, true)) unit_.time = packet_;
}

void AccessUnitBuilder::MarkKeyframe() {
  if (undecided_offset_) {
    undecided_keyframe_ = true;
    return;
  }
  if (dropping_ || std::exchange(unit_.keyframe, true)) return;
  unit_.bytes.Reserve(WithRoom(last_keyframe_size_));
}

void AccessUnitBuilder::MarkDamaged(UnitDamage damage) {
  if (std::exchange(dropping_, true)) return;
  unit_.bytes.Clear();
  undecided_offset_.reset();
  part_offset_ = 0;
  listener_.OnDamage(damage);
}

void AccessUnitBuilder::EndPacket(bool marker) {
  const bool brought_picture = std::exchange(packet_has_picture_, false);
  if (dropping_ || !has_picture_) return;
  // Headers of the next picture do not count, marked or not (Reolink RLC-822A); but some encoders send SEI behind the
  // picture, and the marker there.
  if (!brought_picture && (!marker || last_packet_marked_)) return;
  ++picture_packets_;
  last_packet_marked_ = marker;
  if (!marker) return;
  ++marked_packets_;
  if (part_open_) {
    marker_trust_ = MarkerTrust::kRefuted;
  } else if (marker_trust_ == MarkerTrust::kTrusted) {
    Finish();
    ended_by_marker_ = true;
  }
}

void AccessUnitBuilder::EndUnit() {
  if (has_picture_) Finish();
}

void AccessUnitBuilder::LearnFromMarkers() {
  if (marker_trust_ != MarkerTrust::kLearning || dropping_ || marked_packets_ == 0) return;
  if (marked_packets_ > 1 || !last_packet_marked_) {
    marker_trust_ = MarkerTrust::kRefuted;
  } else if (picture_packets_ > 1 || ++single_packet_units_ >= kSinglePacketUnits) {
    marker_trust_ = MarkerTrust::kTrusted;
  }
}

void AccessUnitBuilder::Finish() {
  if (dropping_) {
    Clear();
    return;
  }
  const bool next_is_keyframe = undecided_keyframe_;
  ByteBuffer of_next_unit;
  if (undecided_offset_) {
    of_next_unit.Append(unit_.bytes.data().subspan(*undecided_offset_));
    unit_.bytes.Truncate(*undecided_offset_);
  }
  const auto bytes = unit_.bytes.data();
  const bool has_trailer =
      bytes.size() >= trailer_.size() && std::equal(trailer_.begin(), trailer_.end(), bytes.end() - trailer_.size());
  if (!has_trailer) unit_.bytes.Append(trailer_);
  (unit_.keyframe ? last_keyframe_size_ : last_size_) = unit_.bytes.size();
  unit_.bytes.Seal();
  BuiltUnit unit = std::exchange(unit_, {});
  Clear();
  unit_.bytes = std::move(of_next_unit);
  unit_.keyframe = next_is_keyframe;
  listener_.OnUnit(std::move(unit));
}

void AccessUnitBuilder::Clear() {
  unit_.bytes.Clear();
  unit_.keyframe = false;
  dropping_ = false;
  has_picture_ = false;
  part_open_ = false;
  skipping_part_ = false;
  part_offset_ = 0;
  undecided_offset_.reset();
  undecided_keyframe_ = false;
  packet_has_picture_ = false;
  ended_by_marker_ = false;
  picture_packets_ = 0;
  marked_packets_ = 0;
  last_packet_marked_ = false;
}

void AccessUnitBuilder::OnGap() {
  dropping_ = true;
  unit_.bytes.Clear();
  part_offset_ = 0;
  undecided_offset_.reset();
  ended_by_marker_ = false;
}

void AccessUnitBuilder::OnNewSource() {
  Clear();
  dropping_ = true;
  marker_trust_ = MarkerTrust::kLearning;
  single_packet_units_ = 0;
}

}  // namespace framewell
