#include "ingest/rtp/rtp_receiver.h"

#include <algorithm>

namespace framewell {
namespace {

// RFC 3550 appendix A.1: further ahead or behind than this is not a gap but another numbering.
constexpr int kMaxDropout = 3000;
constexpr int kMaxMisorder = 100;

// Of two sources the one that was first stays until it has been silent for this long. Packets of a former session may
// go on beside ours for a while: on UDP because ports are used again, on TCP with old versions of live555 (Reolink and
// others), which write them to whichever connection has got the former one's file descriptor.
constexpr int64_t kSourceSilenceUs = 1'000'000;

}  // namespace

RtpReceiver::RtpReceiver(const Options& options, RtpPacketListener& listener)
    : options_(options), listener_(listener), statistics_(options.clock_rate) {}

void RtpReceiver::Push(const RtpPacket& packet, const ReceiveTime& time) {
  Tick(time.monotonic_us);
  if (packet.payload_type != options_.payload_type) {
    ++counters_.foreign;
    return;
  }
  if (source_ != packet.ssrc) {
    if (!MayTakeOver(packet, time)) {
      ++counters_.foreign;
      return;
    }
    const bool replaces = source_.has_value();
    BeginAt(packet);
    if (replaces) listener_.OnNewSource();
  } else if (IsOutOfNumbering(packet)) {
    if (!BeginsAnew(packet)) {
      ++counters_.foreign;
      return;
    }
    BeginAt(packet);
    listener_.OnNewSource();
  }
  restart_sequence_.reset();
  last_arrival_us_ = time.monotonic_us;
  statistics_.OnPacket(packet.sequence, packet.timestamp, time.monotonic_us);
  DeliverOrHold(packet, time);
}

bool RtpReceiver::MayTakeOver(const RtpPacket& packet, const ReceiveTime& time) const {
  return !source_ || source_left_ || packet.ssrc == options_.announced_ssrc ||
         time.monotonic_us - last_arrival_us_ >= kSourceSilenceUs;
}

// A packet that is behind by its number and ahead by its time is no late one: the numbers went back. Taken for late,
// all would be dropped until they have caught up, and then go on as if none were missing.
bool RtpReceiver::IsOutOfNumbering(const RtpPacket& packet) const {
  const int distance = Distance(packet);
  const bool is_ahead_in_time = static_cast<int32_t>(packet.timestamp - latest_timestamp_) > 0;
  return distance > kMaxDropout || distance < -kMaxMisorder || (distance < 0 && is_ahead_in_time);
}

// Appendix A.1: two packets in a row tell a new numbering from a stray packet. TCP has no stray ones.
bool RtpReceiver::BeginsAnew(const RtpPacket& packet) {
  if (options_.transport == RtpTransport::kTcp || restart_sequence_ == packet.sequence) return true;
  restart_sequence_ = static_cast<uint16_t>(packet.sequence + 1);
  return false;
}

void RtpReceiver::BeginAt(const RtpPacket& packet) {
  source_ = packet.ssrc;
  source_left_ = false;
  next_sequence_ = packet.sequence;
  latest_timestamp_ = packet.timestamp;
  for (Slot& slot : slots_) slot.held = false;
  held_ = 0;
  statistics_.Begin(packet.ssrc, packet.sequence);
}

void RtpReceiver::DeliverOrHold(const RtpPacket& packet, const ReceiveTime& time) {
  if (Distance(packet) < 0) {
    ++counters_.late;
    return;
  }
  const auto overtaken = [&] { return held_ > 0 && static_cast<int16_t>(packet.sequence - highest_held_) < 0; };
  while (held_ > 0 && Distance(packet) >= static_cast<int>(kWindowPackets)) SkipGap();
  const int distance = Distance(packet);
  if (options_.transport == RtpTransport::kTcp || distance == 0 || distance >= static_cast<int>(kWindowPackets)) {
    if (overtaken()) ++counters_.reordered;
    Deliver(packet, time);
    DeliverHeld();
    return;
  }

  if (slots_.empty()) slots_.resize(kWindowPackets);
  Slot& slot = SlotOf(packet.sequence);
  if (slot.held) {
    ++counters_.late;
    return;
  }
  if (overtaken()) {
    ++counters_.reordered;
  } else {
    highest_held_ = packet.sequence;
  }
  if (held_ == 0) waiting_since_us_ = time.monotonic_us;
  slot.held = true;
  slot.time = time;
  slot.bytes.assign(packet.bytes.begin(), packet.bytes.end());
  ++held_;
}

void RtpReceiver::Deliver(const RtpPacket& packet, const ReceiveTime& time) {
  if (const int missing = Distance(packet); missing > 0) {
    counters_.missing += missing;
    listener_.OnMissing(missing);
  }
  next_sequence_ = static_cast<uint16_t>(packet.sequence + 1);
  if (static_cast<int32_t>(packet.timestamp - latest_timestamp_) > 0) latest_timestamp_ = packet.timestamp;
  listener_.OnPacket(packet, time);
}

void RtpReceiver::DeliverHeld() {
  if (held_ == 0) return;
  while (held_ > 0 && SlotOf(next_sequence_).held) {
    Slot& slot = SlotOf(next_sequence_);
    slot.held = false;
    --held_;
    // It was parsed once before it was copied.
    Deliver(*RtpPacket::Parse(slot.bytes), slot.time);
  }
  waiting_since_us_ = INT64_MAX;
  for (const Slot& slot : slots_) {
    if (slot.held) waiting_since_us_ = std::min(waiting_since_us_, slot.time.monotonic_us);
  }
}

void RtpReceiver::SkipGap() {
  uint16_t sequence = next_sequence_;
  while (!SlotOf(sequence).held) ++sequence;
  Slot& slot = SlotOf(sequence);
  slot.held = false;
  --held_;
  Deliver(*RtpPacket::Parse(slot.bytes), slot.time);
  DeliverHeld();
}

void RtpReceiver::Tick(int64_t monotonic_us) {
  while (held_ > 0 && monotonic_us - waiting_since_us_ >= kWindowUs) SkipGap();
}

std::optional<int64_t> RtpReceiver::deadline_us() const {
  return held_ > 0 ? std::optional(waiting_since_us_ + kWindowUs) : std::nullopt;
}

void RtpReceiver::OnBye(uint32_t ssrc) {
  if (source_ == ssrc) source_left_ = true;
}

}  // namespace framewell
