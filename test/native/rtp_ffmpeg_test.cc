// Bit-exactness: packets made by FFmpeg's RTP muxer give the access units that FFmpeg's demuxer gives for the file, in
// order or out of order, and whatever a camera does to its markers and timestamps.
#include <doctest/doctest.h>

#include <functional>
#include <random>

#include "rtp_clip_support.h"

namespace framewell::testing {
namespace {

struct NamedClip {
  std::string name;
  RtpClipSettings settings;
};

const NamedClip kNalClips[] = {
    {"H.264, B-pictures, delimiters",
     {.encoder = "libx264", .options = {{"bf", "3"}, {"x264-params", "aud=1:b-pyramid=strict"}}}},
    {"H.264, five slices", {.encoder = "libx264", .options = {{"bf", "0"}, {"x264-params", "slices=5"}}}},
    {"H.264, slices of at most 300 bytes",
     {.encoder = "libx264", .options = {{"bf", "2"}, {"x264-params", "slice-max-size=300"}}}},
    {"H.264, pictures of one packet each",
     {.encoder = "libx264", .options = {{"crf", "51"}, {"tune", "zerolatency"}}, .width = 64, .height = 64}},
    {"H.264, periodic intra refresh",
     {.encoder = "libx264", .options = {{"x264-params", "intra-refresh=1:keyint=12"}}}},
    {"H.264, open groups of pictures",
     {.encoder = "libx264", .options = {{"bf", "2"}, {"x264-params", "open-gop=1:keyint=12"}}}},
    {"H.264, interlaced", {.encoder = "libx264", .options = {{"x264-params", "tff=1"}}}},
    {"H.265, B-pictures",
     {.encoder = "libx265", .options = {{"x265-params", "log-level=none:bframes=3:aud=1:repeat-headers=1:keyint=12"}}}},
    {"H.265, four slices, suffix SEI",
     {.encoder = "libx265",
      .options = {{"x265-params", "log-level=none:bframes=0:slices=4:hash=1:repeat-headers=1:keyint=12"}},
      .width = 640,
      .height = 480}},
};

// Encoding takes longer than all else here.
const RtpClip& ClipOf(const NamedClip& named) {
  static std::map<std::string, RtpClip> clips;
  auto [entry, added] = clips.try_emplace(named.name);
  if (added) entry->second = MakeRtpClip(named.settings);
  return entry->second;
}

enum class Markers { kAsSent, kNone, kAll, kEachNalUnit };

// Whether a packet brings the end of a NAL unit.
bool EndsNalUnit(const RtpPacket& packet, AVCodecID codec) {
  const bool h264 = codec == AV_CODEC_ID_H264;
  const int type = h264 ? packet.payload[0] & 0x1f : packet.payload[0] >> 1;
  if (type != (h264 ? 28 : 49)) return true;
  return packet.payload[h264 ? 1 : 2] & 0x40;
}

std::vector<Bytes> WithMarkers(const RtpClip& clip, Markers markers) {
  std::vector<Bytes> packets = clip.packets;
  for (Bytes& bytes : packets) {
    const auto packet = RtpPacket::Parse(bytes);
    if (!packet || packet->payload_type != 96 || markers == Markers::kAsSent) continue;
    const bool marked = markers == Markers::kAll ||
                        (markers == Markers::kEachNalUnit && EndsNalUnit(*packet, clip.parameters->codec_id));
    bytes[1] = static_cast<uint8_t>((marked ? 0x80 : 0) | 96);
  }
  return packets;
}

void Play(const std::vector<Bytes>& packets, TrackUnderTest& track) {
  for (const Bytes& packet : packets) track.SendRtp(packet);
}

// `allow_last_missing`: without a marker to trust, the end of a unit shows by the beginning of the next.
void CheckUnits(const TrackUnderTest& track, const RtpClip& clip, bool allow_last_missing) {
  CHECK(track.losses.empty());
  REQUIRE(track.units.size() <= clip.units.size());
  REQUIRE(track.units.size() + (allow_last_missing ? 1 : 0) >= clip.units.size());
  const int64_t first_pts = clip.units[0].pts;
  for (size_t i = 0; i < track.units.size(); ++i) {
    CAPTURE(i);
    CHECK(NalUnits(track.units[i].bytes) == NalUnits(clip.units[i].bytes));
    CHECK(track.units[i].keyframe == clip.units[i].keyframe);
    CHECK(track.units[i].pts_us == (clip.units[i].pts - first_pts) * 100 / 9);
  }
}

TEST_CASE("RTP: units of H.264 and H.265 equal the demuxer's, whatever the markers") {
  for (const NamedClip& named : kNalClips) {
    CAPTURE(named.name);
    const RtpClip& clip = ClipOf(named);
    for (const Markers markers : {Markers::kAsSent, Markers::kNone, Markers::kAll, Markers::kEachNalUnit}) {
      CAPTURE(static_cast<int>(markers));
      TrackUnderTest track(clip.parameters->codec_id);
      Play(WithMarkers(clip, markers), track);
      CheckUnits(track, clip, true);
      CHECK(track->counters().malformed == 0);
    }
  }
}

TEST_CASE("RTP: with markers as they should be the last unit does not wait for another packet") {
  const RtpClip& clip = ClipOf(kNalClips[0]);
  TrackUnderTest track(clip.parameters->codec_id);
  Play(clip.packets, track);
  CheckUnits(track, clip, false);
}

TEST_CASE("RTP: timestamps that differ within a picture do not split it") {
  for (const NamedClip& named : kNalClips) {
    CAPTURE(named.name);
    const RtpClip& clip = ClipOf(named);
    std::vector<Bytes> packets = WithMarkers(clip, Markers::kNone);
    uint32_t shift = 0;
    for (Bytes& bytes : packets) {
      const auto packet = RtpPacket::Parse(bytes);
      if (!packet || packet->payload_type != 96) continue;
      WriteU32(bytes, 4, packet->timestamp + shift);
      if (EndsNalUnit(*packet, clip.parameters->codec_id)) ++shift;
    }
    TrackUnderTest track(clip.parameters->codec_id);
    Play(packets, track);
    CHECK(track.losses.empty());
    REQUIRE(track.units.size() + 1 >= clip.units.size());
    for (size_t i = 0; i < track.units.size(); ++i) {
      CHECK(NalUnits(track.units[i].bytes) == NalUnits(clip.units[i].bytes));
    }
  }
}

TEST_CASE("RTP: packets that overtake each other or come twice change nothing on UDP") {
  const RtpClip& clip = ClipOf(kNalClips[1]);
  std::mt19937 random(7);
  std::vector<Bytes> packets = clip.packets;
  // The first packet stays the first: what was sent before it is of no use.
  for (size_t i = 2; i + 20 < packets.size(); i += 20) {
    std::shuffle(packets.begin() + i, packets.begin() + i + 20, random);
    packets.insert(packets.begin() + i + 3, packets[i + 1]);
  }
  TrackUnderTest track(clip.parameters->codec_id, RtpTransport::kUdp);
  Play(packets, track);
  CheckUnits(track, clip, true);
  CHECK(track->counters().receiver.reordered > 0);
  CHECK(track->counters().receiver.late > 0);
}

// Each packet of the clip is lost once: what comes out is what the demuxer gives, but for units that the packet may
// have been part of, and the loss is told before the unit that follows.
void CheckEveryLoss(const RtpClip& clip, Markers markers) {
  const std::vector<Bytes> packets = WithMarkers(clip, markers);
  std::vector<std::vector<Bytes>> expected;
  for (const RtpClip::Unit& unit : clip.units) expected.push_back(NalUnits(unit.bytes));
  TrackUnderTest whole(clip.parameters->codec_id);
  Play(packets, whole);

  size_t unit_of_packet = 0;
  // The first is a sender report, and losing what comes next only makes the stream begin later.
  for (size_t lost = 2; lost + 1 < packets.size(); ++lost) {
    CAPTURE(lost);
    std::vector<Bytes> rest = packets;
    rest.erase(rest.begin() + lost);
    const bool was_rtp = packets[lost][1] % 128 == 96;
    TrackUnderTest track(clip.parameters->codec_id);
    Play(rest, track);
    size_t next = 0;
    size_t missing = 0;
    for (const auto& unit : track.units) {
      const auto nals = NalUnits(unit.bytes);
      // Of the first unit behind the gap, headers before the picture may be missing.
      const auto is_this = [&](const std::vector<Bytes>& full) {
        return nals == full || (unit.losses_before > 0 && nals.size() < full.size() &&
                                std::equal(nals.rbegin(), nals.rend(), full.rbegin()));
      };
      const auto found = std::find_if(expected.begin() + next, expected.end(), is_this);
      REQUIRE(found != expected.end());
      const auto index = static_cast<size_t>(found - expected.begin());
      if (index > next) REQUIRE(unit.losses_before == 1);
      missing += index - next;
      next = index + 1;
    }
    CHECK(track.losses.size() == (was_rtp ? 1 : 0));
    // Where no marker tells yet that a unit was whole, one that waits for the next packet goes with it.
    const bool learnt = markers == Markers::kAsSent && unit_of_packet > 1;
    CHECK(missing <= (learnt ? 1 : 2));
    CHECK(track.units.size() + 3 >= whole.units.size());
    if (was_rtp && clip.packets[lost][1] & 0x80) ++unit_of_packet;
  }
}

TEST_CASE("RTP: of any one lost packet, the unit it belonged to is missing and no other") {
  for (const size_t index : {0, 1, 8}) {
    CAPTURE(kNalClips[index].name);
    const RtpClip& clip = ClipOf(kNalClips[index]);
    CheckEveryLoss(clip, Markers::kAsSent);
    CheckEveryLoss(clip, Markers::kNone);
  }
}

TEST_CASE("RTP: MPEG-4 units equal the demuxer's") {
  for (const bool global_header : {false, true}) {
    CAPTURE(global_header);
    const RtpClip clip =
        MakeRtpClip({.encoder = "mpeg4", .options = {{"b", "600k"}, {"bf", "1"}}, .global_header = global_header});
    const Bytes config(clip.parameters->extradata, clip.parameters->extradata + clip.parameters->extradata_size);
    TrackUnderTest track(
        {.receiver = {}, .format = {.codec = AV_CODEC_ID_MPEG4, .mpeg4_config = config}, .cname = "framewell"});
    Play(clip.packets, track);
    CHECK(track.losses.empty());
    REQUIRE(track.units.size() == clip.units.size());
    for (size_t i = 0; i < track.units.size(); ++i) {
      const Bytes prefix = global_header && clip.units[i].keyframe ? config : Bytes();
      CHECK(track.units[i].bytes == prefix + clip.units[i].bytes);
      CHECK(track.units[i].keyframe == clip.units[i].keyframe);
    }
  }
}

// What follows the start of scan segment, up to the end of image.
Bytes ScanData(const Bytes& jpeg) {
  for (size_t i = 2; i + 4 <= jpeg.size(); i += 2 + ReadU16(jpeg, i + 2)) {
    if (jpeg[i + 1] == 0xda) return Bytes(jpeg.begin() + i + 2 + ReadU16(jpeg, i + 2), jpeg.end());
  }
  return {};
}

TEST_CASE("RTP: JPEG files made again have the same scan and decode to the same picture") {
  const RtpClip clip = MakeRtpClip(
      {.encoder = "mjpeg", .options = {{"huffman", "default"}}, .format = AV_PIX_FMT_YUVJ420P, .frames = 5});
  TrackUnderTest track(AV_CODEC_ID_MJPEG);
  Play(clip.packets, track);
  CHECK(track.losses.empty());
  REQUIRE(track.units.size() == clip.units.size());
  for (size_t i = 0; i < track.units.size(); ++i) {
    CHECK(track.units[i].keyframe);
    CHECK(ScanData(track.units[i].bytes) == ScanData(clip.units[i].bytes));
    const AvFramePtr ours = DecodeJpeg(track.units[i].bytes);
    const AvFramePtr theirs = DecodeJpeg(clip.units[i].bytes);
    REQUIRE(ours);
    REQUIRE(theirs);
    REQUIRE(ours->format == theirs->format);
    for (int plane = 0; plane < 3; ++plane) {
      const size_t bytes = static_cast<size_t>(ours->linesize[plane]) * (plane ? ours->height / 2 : ours->height);
      CHECK(std::equal(ours->data[plane], ours->data[plane] + bytes, theirs->data[plane]));
    }
  }
}

}  // namespace
}  // namespace framewell::testing
