#include <doctest/doctest.h>

#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

const Bytes kIdr = Bytes{0x65, 0x88} + Filling(50);
const Bytes kSlice = Bytes{0x41, 0x9a} + Filling(40);
const Bytes kSecondSlice = Bytes{0x41, 0x40} + Filling(40);
constexpr uint32_t kSsrc = RtpFields().ssrc;

// `unix_us` as the camera's clock said at `timestamp`.
Bytes SenderReportOf(int64_t unix_us, uint32_t timestamp, uint32_t ssrc = kSsrc) {
  Bytes bytes(28);
  bytes[0] = 0x80;
  bytes[1] = 200;
  bytes[3] = 6;
  WriteU32(bytes, 4, ssrc);
  WriteU32(bytes, 8, static_cast<uint32_t>(unix_us / 1'000'000 + 2'208'988'800));
  WriteU32(bytes, 12, static_cast<uint32_t>((unix_us % 1'000'000 << 32) / 1'000'000));
  WriteU32(bytes, 16, timestamp);
  return bytes;
}

TEST_CASE("RTP track: codecs without a depacketizer and a clock of 0 are declined") {
  TrackUnderTest sink(AV_CODEC_ID_H264);
  CHECK(RtpTrack::Create({.receiver = {}, .format = {.codec = AV_CODEC_ID_MJPEG}}, sink));
  CHECK_FALSE(RtpTrack::Create({.receiver = {}, .format = {.codec = AV_CODEC_ID_VP8}}, sink));
  CHECK_FALSE(RtpTrack::Create({.receiver = {.clock_rate = 0}, .format = {.codec = AV_CODEC_ID_H264}}, sink));
}

TEST_CASE("RTP track: a unit has the times of its picture") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  track.Send(90'000, false, kIdr);
  track.Send(93'600, false, kSlice);
  track.Send(93'600, true, kSecondSlice);
  const int64_t last_packet = track.now.unix_us;
  track.Send(97'200, true, kSlice);
  REQUIRE(track.units.size() == 3);
  CHECK(track.units[0].pts_us == 0);
  CHECK(track.units[0].keyframe);
  CHECK(track.units[1].pts_us == 40'000);
  CHECK(track.units[1].received_unix_us == last_packet);
  CHECK_FALSE(track.units[1].keyframe);
  CHECK_FALSE(track.units[1].capture_unix_us);
  CHECK(track->counters().packets == 4);
  CHECK(track->counters().units == 3);
}

TEST_CASE("RTP track: sender reports give the capture time") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  const int64_t taken = track.now.unix_us - 80'000;
  SUBCASE("on the RTCP channel, before the first packet") { track->PushRtcp(SenderReportOf(taken, 90'000), track.now); }
  SUBCASE("on the RTP channel") { track.SendRtp(SenderReportOf(taken, 90'000)); }
  track.Send(90'000, false, kIdr);
  track.Send(93'600, false, kSlice);
  track.Send(97'200, false, kSlice);
  REQUIRE(track.units.size() == 2);
  REQUIRE(track.units[0].capture_unix_us);
  CHECK(std::abs(*track.units[0].capture_unix_us - taken) <= 1);
  CHECK(std::abs(*track.units[1].capture_unix_us - taken - 40'000) <= 1);
  CHECK(track->counters().packets == 3);
}

TEST_CASE("RTP track: reports of another source say nothing") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  track->PushRtcp(SenderReportOf(track.now.unix_us, 90'000, kSsrc + 1), track.now);
  track.Send(90'000, false, kIdr);
  track.Send(93'600, false, kSlice);
  REQUIRE(track.units.size() == 1);
  CHECK_FALSE(track.units[0].capture_unix_us);
}

TEST_CASE("RTP track: receiver reports") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  CHECK(track->deadline_us() == INT64_MIN);
  const int64_t start = track.now.monotonic_us;
  track->Tick(start);
  CHECK(track.rtcp.empty());
  const int64_t first = track->deadline_us();
  CHECK(first >= start + RtpTrack::kReportIntervalUs / 2);
  CHECK(first < start + RtpTrack::kReportIntervalUs);
  track->Tick(first);
  REQUIRE(track.rtcp.size() == 1);
  CHECK(track.rtcp[0][0] == 0x80);  // No block: nothing came.
  CHECK(track->deadline_us() == first + RtpTrack::kReportIntervalUs);

  track.Send(0, false, kIdr);
  track.Skip(1);
  track.Send(3600, false, kSlice);
  track->PushRtcp(SenderReportOf(track.now.unix_us, 3600), track.now);
  track->Tick(first + RtpTrack::kReportIntervalUs - 1);
  CHECK(track.rtcp.size() == 1);
  track->Tick(first + RtpTrack::kReportIntervalUs);
  REQUIRE(track.rtcp.size() == 2);
  const Bytes& report = track.rtcp[1];
  CHECK(report[0] == 0x81);
  CHECK(ReadU32(report, 4) == 0xcafe0001);
  CHECK(ReadU32(report, 8) == kSsrc);
  CHECK(ReadU24(report, 13) == 1);     // Lost in all.
  CHECK(ReadU32(report, 16) == 1002);  // The highest sequence number.
  CHECK(ReadU32(report, 24) != 0);     // The sender report.
}

TEST_CASE("RTP track: a loss is told before the unit that follows it") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  track.Send(0, false, kIdr);
  track.Send(3600, false, kSlice);
  track.Skip(3);
  track.Send(7200, false, kIdr);
  track.Send(10'800, false, kSlice);
  REQUIRE(track.losses.size() == 1);
  CHECK(track.losses[0].Describe() == "3 RTP packets missing");
  REQUIRE(track.units.size() == 2);
  CHECK(track.units[0].losses_before == 0);
  CHECK(track.units[1].bytes == AnnexB({kIdr}));
  CHECK(track.units[1].losses_before == 1);
  CHECK(track->counters().receiver.missing == 3);
}

TEST_CASE("RTP track: on UDP a gap is a loss when the wait is over") {
  TrackUnderTest track(AV_CODEC_ID_H264, RtpTransport::kUdp);
  track->Tick(track.now.monotonic_us);
  track.Send(0, false, kIdr);
  track.Skip(1);
  track.Send(7200, false, kIdr);
  const int64_t deadline = track.now.monotonic_us + RtpReceiver::kWindowUs;
  CHECK(track->deadline_us() == deadline);
  CHECK(track.losses.empty());
  track->Tick(deadline);
  CHECK(track.losses.size() == 1);
}

TEST_CASE("RTP track: a camera that restarts its stream") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  track.Send(5'000'000, false, kIdr);
  track.Send(5'003'600, false, kSlice);
  track.now.monotonic_us += 1'000'000;
  uint16_t sequence = 40'000;
  for (const uint32_t timestamp : {100u, 3700u, 7300u}) {
    track.SendRtp(
        MakeRtp({.sequence = sequence++, .timestamp = timestamp, .ssrc = 77}, timestamp == 100 ? kIdr : kSlice));
  }
  REQUIRE(track.losses.size() == 1);
  CHECK(track.losses[0].cause == RtpLoss::Cause::kNewSource);
  CHECK_FALSE(track.losses[0].Describe().empty());
  // The slice before the restart may have had more.
  REQUIRE(track.units.size() == 3);
  CHECK(track.units[1].keyframe);
  CHECK(std::abs(track.units[1].pts_us - 1'040'000) < 1000);
  CHECK(track.units[2].pts_us - track.units[1].pts_us == 40'000);
  CHECK(track->counters().restamps == 1);
}

TEST_CASE("RTP track: a camera that sets its clock keeps its presentation times") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  track.Send(0, false, kIdr);
  track.Send(3600, false, kSlice);
  track->PushRtcp(SenderReportOf(track.now.unix_us, 3600), track.now);
  track.now.monotonic_us += 40'000;
  track.Send(3'000'000'000, false, kSlice);
  track.Send(3'000'003'600, false, kSlice);
  track.Send(3'000'007'200, false, kSlice);
  REQUIRE(track.units.size() == 4);
  CHECK(track.losses.empty());
  CHECK(std::abs(track.units[2].pts_us - 80'000) < 1000);
  CHECK(track.units[3].pts_us - track.units[2].pts_us == 40'000);
  // The sender report counted in the timestamps from before.
  CHECK_FALSE(track.units[2].capture_unix_us);
}

TEST_CASE("RTP track: a goodbye is passed on when it is the source's") {
  TrackUnderTest track(AV_CODEC_ID_H264, RtpTransport::kUdp);
  Bytes bye{0x81, 203, 0, 1, 0, 0, 0, 0};
  track.Send(0, false, kIdr);
  track->PushRtcp(bye, track.now);
  CHECK(track.byes == 0);
  WriteU32(bye, 4, kSsrc);
  track->PushRtcp(bye, track.now);
  CHECK(track.byes == 1);
  track.SendRtp(MakeRtp({.sequence = 1, .timestamp = 0, .ssrc = 77}, kIdr));
  CHECK(track.losses.size() == 1);
}

TEST_CASE("RTP track: what is no RTP and what has no payload") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  track.Send(0, false, kIdr);
  track.SendRtp({1, 2, 3});
  track.SendRtp({});
  track->PushRtcp(Bytes{1, 2, 3}, track.now);
  track.Send(0, false, {});
  track.Send(3600, false, kSlice);
  CHECK(track->counters().malformed == 3);
  CHECK(track->counters().packets == 5);
  CHECK(track.losses.empty());
  REQUIRE(track.units.size() == 1);
  CHECK(track.units[0].bytes == AnnexB({kIdr}));
}

TEST_CASE("RTP track: a unit that outgrows the bound is lost, and the loss names the bound") {
  TrackUnderTest track(AV_CODEC_ID_H264);
  const Bytes fragment = Bytes{0x7c, 0x05} + Filling(60'000);
  track.Send(0, false, {0x7c, 0x85, 0x88});
  for (size_t bytes = 0; bytes <= AccessUnitBuilder::kMaxUnitBytes; bytes += fragment.size()) {
    track.Send(0, false, fragment);
  }
  REQUIRE(track.losses.size() == 1);
  CHECK(track.losses[0].Describe() == "Expected access units of at most 16777216 bytes but received a larger one");
  CHECK(track.units.empty());
}

}  // namespace
}  // namespace framewell::testing
