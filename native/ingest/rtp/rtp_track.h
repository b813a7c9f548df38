// One video track of a camera: RTP and RTCP packets in, access units out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "ingest/packet_source.h"
#include "ingest/rtp/access_unit_builder.h"
#include "ingest/rtp/capture_clock.h"
#include "ingest/rtp/depacketizer.h"
#include "ingest/rtp/receive_time.h"
#include "ingest/rtp/rtp_receiver.h"
#include "ingest/rtp/rtp_timeline.h"

namespace framewell {

// Why the next access unit does not follow the one before it.
struct RtpLoss {
  enum class Cause {
    kMissingPackets,
    // Though no packet is missing.
    kDamagedUnit,
    // Another SSRC, or the numbering of packets began anew.
    kNewSource,
  };
  Cause cause = Cause::kMissingPackets;
  // For kMissingPackets.
  uint64_t packets = 0;
  // For kDamagedUnit.
  UnitDamage damage = UnitDamage::kContradiction;

  // For PacketSink::OnLoss.
  std::string Describe() const;
};

// Hears from a track, within its calls. Must not destroy the track there.
class RtpTrackSink {
 public:
  virtual ~RtpTrackSink() = default;
  // A whole access unit, its keyframe flag set, with the capture time if sender reports tell.
  virtual void OnUnit(ReceivedUnit unit) = 0;
  // Comes before the next unit; once for every gap, so possibly several times between two units.
  virtual void OnLoss(const RtpLoss& loss) = 0;
  // The camera's source has left (RFC 3550 section 6.6). Another may come.
  virtual void OnBye() = 0;
  // To be sent on the track's RTCP channel. Valid in the call.
  virtual void SendRtcp(std::span<const uint8_t> packet) = 0;
};

// Sans I/O: it reads no clock and owns no socket. Never throws on what a camera sends; keeps one unit (bounded by
// AccessUnitBuilder::kMaxUnitBytes) and, on UDP, the packets that wait for one overtaken. Not thread-safe.
class RtpTrack final : private RtpPacketListener, private AccessUnitListener {
 public:
  struct Options {
    RtpReceiver::Options receiver = {};
    PayloadFormat format = {};
    // Ours, in receiver reports: random per session (RFC 3550 section 8), and a name without secrets.
    uint32_t receiver_ssrc = 0;
    std::string cname = {};
  };
  struct Counters {
    // RTP packets and their bytes, whatever became of them.
    uint64_t packets = 0;
    uint64_t bytes = 0;
    // Not RTP or RTCP, or payloads that contradict their format.
    uint64_t malformed = 0;
    // Payloads of a form that is not supported.
    uint64_t unsupported = 0;
    uint64_t units = 0;
    uint64_t damaged_units = 0;
    // Jumps of the camera's timestamps that were smoothed.
    uint64_t restamps = 0;
    uint32_t jitter_us = 0;
    RtpReceiver::Counters receiver;
  };
  // RFC 3550 section 6.2: the shortest regular interval.
  static constexpr int64_t kReportIntervalUs = 5'000'000;

  // Null when the codec has no depacketizer here or the clock rate is 0. `sink` must outlive the track.
  static std::unique_ptr<RtpTrack> Create(const Options& options, RtpTrackSink& sink);

  // A packet from the track's RTP channel. RTCP that comes there (RFC 5761) is known by its packet type.
  void PushRtp(std::span<const uint8_t> bytes, const ReceiveTime& time);
  // A packet from the track's RTCP channel.
  void PushRtcp(std::span<const uint8_t> bytes, const ReceiveTime& time);
  // Gives up on packets that were waited for too long; sends the receiver report that is due. To be called once when
  // the camera plays, and from then on not later than at deadline_us().
  void Tick(int64_t monotonic_us);
  // When Tick has something to do, on the monotonic clock. At once before the first Tick.
  int64_t deadline_us() const;

  // SSRC of the source that is listened to.
  std::optional<uint32_t> source() const { return receiver_.source(); }
  Counters counters() const;

 private:
  RtpTrack(const Options& options, std::unique_ptr<Depacketizer> depacketizer, RtpTrackSink& sink);

  void OnPacket(const RtpPacket& packet, const ReceiveTime& time) override;
  void OnMissing(uint64_t packets) override;
  void OnNewSource() override;
  void OnUnit(BuiltUnit unit) override;
  void OnDamage(UnitDamage damage) override;

  const Options options_;
  RtpTrackSink& sink_;
  const std::unique_ptr<Depacketizer> depacketizer_;
  RtpReceiver receiver_;
  RtpTimeline timeline_;
  CaptureClock capture_clock_;
  AccessUnitBuilder builder_;
  std::optional<int64_t> next_report_us_;
  Counters counters_;
};

}  // namespace framewell
