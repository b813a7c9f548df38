#include "ingest/rtp/rtp_track.h"

#include <utility>

namespace framewell {
namespace {

// RFC 5761 section 4: SR, RR, SDES, BYE and APP on the RTP channel; as RTP they would be payload types 72 to 76 with
// the marker set, which no video has.
bool IsRtcp(std::span<const uint8_t> bytes) { return bytes.size() >= 2 && bytes[1] >= 200 && bytes[1] <= 204; }

}  // namespace

std::string RtpLoss::Describe() const {
  switch (cause) {
    case Cause::kMissingPackets:
      return std::to_string(packets) + " RTP packets missing";
    case Cause::kDamagedUnit:
      return framewell::Describe(damage);
    case Cause::kNewSource:
      return "The camera began a new RTP stream";
  }
  return {};
}

std::unique_ptr<RtpTrack> RtpTrack::Create(const Options& options, RtpTrackSink& sink) {
  auto depacketizer = MakeDepacketizer(options.format);
  if (!depacketizer || options.receiver.clock_rate == 0) return nullptr;
  return std::unique_ptr<RtpTrack>(new RtpTrack(options, std::move(depacketizer), sink));
}

RtpTrack::RtpTrack(const Options& options, std::unique_ptr<Depacketizer> depacketizer, RtpTrackSink& sink)
    : options_(options),
      sink_(sink),
      depacketizer_(std::move(depacketizer)),
      receiver_(options.receiver, *this),
      timeline_(options.receiver.clock_rate),
      capture_clock_(options.receiver.clock_rate),
      builder_(*this, UnitTrailer(options.format.codec)) {}

void RtpTrack::PushRtp(std::span<const uint8_t> bytes, const ReceiveTime& time) {
  if (IsRtcp(bytes)) return PushRtcp(bytes, time);
  ++counters_.packets;
  counters_.bytes += bytes.size();
  const auto packet = RtpPacket::Parse(bytes);
  if (!packet) {
    ++counters_.malformed;
    return;
  }
  receiver_.Push(*packet, time);
}

void RtpTrack::OnPacket(const RtpPacket& packet, const ReceiveTime& time) {
  if (packet.payload.empty()) return;
  const uint64_t restamps = timeline_.restamps();
  const int64_t pts_us = timeline_.ToPtsUs(packet.timestamp, time.monotonic_us);
  if (timeline_.restamps() != restamps) capture_clock_.OnDiscontinuity();
  builder_.BeginPacket({packet.timestamp, pts_us, time.unix_us});
  switch (depacketizer_->Push(packet, builder_)) {
    case PayloadVerdict::kTaken:
      break;
    case PayloadVerdict::kMalformed:
      ++counters_.malformed;
      builder_.MarkDamaged(UnitDamage::kContradiction);
      break;
    case PayloadVerdict::kUnsupported:
      ++counters_.unsupported;
      builder_.MarkDamaged(UnitDamage::kContradiction);
      break;
  }
  builder_.EndPacket(packet.marker);
}

void RtpTrack::OnMissing(uint64_t packets) {
  depacketizer_->OnGap();
  builder_.OnGap();
  sink_.OnLoss({.cause = RtpLoss::Cause::kMissingPackets, .packets = packets});
}

void RtpTrack::OnNewSource() {
  depacketizer_->OnGap();
  builder_.OnNewSource();
  timeline_.OnNewSource();
  sink_.OnLoss({.cause = RtpLoss::Cause::kNewSource});
}

void RtpTrack::OnUnit(BuiltUnit unit) {
  ++counters_.units;
  sink_.OnUnit({
      .bytes = std::move(unit.bytes),
      .pts_us = unit.time.pts_us,
      .received_unix_us = unit.time.received_unix_us,
      .keyframe = unit.keyframe,
      .capture_unix_us = capture_clock_.ToUnixUs(*receiver_.source(), unit.time.timestamp),
  });
}

void RtpTrack::OnDamage(UnitDamage damage) {
  ++counters_.damaged_units;
  sink_.OnLoss({.cause = RtpLoss::Cause::kDamagedUnit, .damage = damage});
}

void RtpTrack::PushRtcp(std::span<const uint8_t> bytes, const ReceiveTime& time) {
  const auto news = ParseRtcp(bytes);
  if (!news) {
    ++counters_.malformed;
    return;
  }
  if (news->sender_report) {
    // The first report may come before the first packet; which source it is of shows then.
    capture_clock_.OnSenderReport(*news->sender_report, time.unix_us);
    if (news->sender_report->ssrc == receiver_.source()) {
      receiver_.statistics().OnSenderReport(*news->sender_report, time.monotonic_us);
    }
  }
  if (news->bye) {
    receiver_.OnBye(*news->bye);
    if (news->bye == receiver_.source()) sink_.OnBye();
  }
}

void RtpTrack::Tick(int64_t monotonic_us) {
  receiver_.Tick(monotonic_us);
  // RFC 3550 section 6.3.1 has receivers report at random times; here the random SSRC spreads them over the cameras.
  constexpr int64_t kShortestDelayUs = kReportIntervalUs / 2;
  if (!next_report_us_) {
    next_report_us_ = monotonic_us + kShortestDelayUs + options_.receiver_ssrc % kShortestDelayUs;
  }
  if (monotonic_us < *next_report_us_) return;
  next_report_us_ = monotonic_us + kReportIntervalUs;
  std::optional<ReceptionReport> report;
  if (receiver_.source()) report = receiver_.statistics().TakeReport(monotonic_us);
  sink_.SendRtcp(ReceiverReportPacket(options_.receiver_ssrc, report, options_.cname).bytes());
}

int64_t RtpTrack::deadline_us() const {
  if (!next_report_us_) return INT64_MIN;
  return std::min(*next_report_us_, receiver_.deadline_us().value_or(INT64_MAX));
}

RtpTrack::Counters RtpTrack::counters() const {
  Counters counters = counters_;
  counters.restamps = timeline_.restamps();
  counters.jitter_us =
      static_cast<uint32_t>(uint64_t{receiver_.statistics().jitter()} * 1'000'000 / options_.receiver.clock_rate);
  counters.receiver = receiver_.counters();
  return counters;
}

}  // namespace framewell
