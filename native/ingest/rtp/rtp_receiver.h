// Packets of one RTP source in the order in which they were sent (RFC 3550 section 5.1, appendix A.1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/rtp/receive_time.h"
#include "ingest/rtp/reception_statistics.h"
#include "ingest/rtp/rtp_packet.h"

namespace framewell {

enum class RtpTransport {
  // Interleaved in the RTSP connection: nothing is overtaken, a gap is a loss at once.
  kTcp,
  // Datagrams overtake each other: after a gap the packets wait for the missing ones, bounded in number and time.
  kUdp,
};

// Hears from a receiver, within its calls.
class RtpPacketListener {
 public:
  virtual ~RtpPacketListener() = default;
  // `packet` follows the one before it, but for what OnMissing or OnNewSource said in between. Valid in the call.
  virtual void OnPacket(const RtpPacket& packet, const ReceiveTime& time) = 0;
  // `packets` sequence numbers before the next packet will not come any more.
  virtual void OnMissing(uint64_t packets) = 0;
  // The next packet has nothing to do with those before it: another SSRC, or the numbering began anew.
  virtual void OnNewSource() = 0;
};

// Drops what is late, repeated or not of the source, and counts it. A packet in order passes through without a copy; on
// UDP a packet after a gap is copied into a slot whose memory is used again. Not thread-safe.
class RtpReceiver {
 public:
  struct Options {
    RtpTransport transport = RtpTransport::kTcp;
    uint8_t payload_type = 96;
    uint32_t clock_rate = 90'000;
    // From the Transport header of the SETUP reply. Cameras state wrong ones, so it never keeps a source out.
    std::optional<uint32_t> announced_ssrc = std::nullopt;
  };
  struct Counters {
    uint64_t missing = 0;
    // Came after a packet with a higher number, yet in time.
    uint64_t reordered = 0;
    // Repeated, or after their place was given up.
    uint64_t late = 0;
    // Of another payload type, or of a source that is not (any more) the current one.
    uint64_t foreign = 0;
  };
  // A packet that is missing when this many came after it, or this long, is lost. Reordering on the way from a camera
  // spans a few packets; the bounds are what a stalled Wi-Fi hop or a burst of one key frame may do.
  static constexpr size_t kWindowPackets = 128;
  static constexpr int64_t kWindowUs = 100'000;

  RtpReceiver(const Options& options, RtpPacketListener& listener);

  void Push(const RtpPacket& packet, const ReceiveTime& time);
  // Gives up on packets that were waited for until now.
  void Tick(int64_t monotonic_us);
  // When Tick has something to do; nothing while no packet waits.
  std::optional<int64_t> deadline_us() const;

  // The source has said goodbye (RFC 3550 section 6.6): whichever comes next takes its place at once.
  void OnBye(uint32_t ssrc);

  // SSRC of the source that is listened to.
  std::optional<uint32_t> source() const { return source_; }
  const Counters& counters() const { return counters_; }
  ReceptionStatistics& statistics() { return statistics_; }
  const ReceptionStatistics& statistics() const { return statistics_; }

 private:
  struct Slot {
    bool held = false;
    ReceiveTime time;
    std::vector<uint8_t> bytes;
  };

  bool MayTakeOver(const RtpPacket& packet, const ReceiveTime& time) const;
  bool IsOutOfNumbering(const RtpPacket& packet) const;
  bool BeginsAnew(const RtpPacket& packet);
  void BeginAt(const RtpPacket& packet);
  // Packets from the next in order to `packet`; negative when it is late.
  int Distance(const RtpPacket& packet) const { return static_cast<int16_t>(packet.sequence - next_sequence_); }
  // Delivers `packet`, giving up on all that is missing before it.
  void Deliver(const RtpPacket& packet, const ReceiveTime& time);
  void DeliverOrHold(const RtpPacket& packet, const ReceiveTime& time);
  // Delivers what waits and is next in order.
  void DeliverHeld();
  // Gives up on what is missing before the first packet that waits, and delivers that.
  void SkipGap();
  Slot& SlotOf(uint16_t sequence) { return slots_[sequence % kWindowPackets]; }

  const Options options_;
  RtpPacketListener& listener_;
  std::optional<uint32_t> source_;
  bool source_left_ = false;
  int64_t last_arrival_us_ = 0;
  uint16_t next_sequence_ = 0;
  // The highest of those delivered: with B-frames they go up and down.
  uint32_t latest_timestamp_ = 0;
  // Where the numbering would go on if the last packet, far off, was a new beginning.
  std::optional<uint16_t> restart_sequence_;
  // Empty until the first packet has to wait.
  std::vector<Slot> slots_;
  size_t held_ = 0;
  uint16_t highest_held_ = 0;
  // When the first of the packets that wait came.
  int64_t waiting_since_us_ = 0;
  Counters counters_;
  ReceptionStatistics statistics_;
};

}  // namespace framewell
