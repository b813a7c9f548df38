// One test for each quirk of docs/camera-quirks.md that concerns the SDP or the bytes of the RTSP connection.
#include <string>
#include <vector>

#include "ingest/rtsp/rtsp_framer.h"
#include "ingest/rtsp/sdp.h"
#include "rtsp_test_support.h"

namespace framewell {
namespace {

SdpVideoTrack FirstTrack(std::string_view text) {
  const auto sdp = ParseSdp(text);
  REQUIRE(sdp);
  const SdpVideoTrack* track = ChooseVideoTrack(*sdp, std::nullopt);
  REQUIRE(track);
  return *track;
}

TEST_CASE("quirk: SDP with LF, CR, blanks and empty lines") {
  for (const std::string end : {"\n", "\r", "\r\n", " \r\n", "\r\n\r\n", "\n\r"}) {
    const auto track = FirstTrack("v=0" + end + "m=video 0 RTP/AVP 96 " + end + "a=rtpmap:96 H264/90000 " + end +
                                  "a=control:trackID=1 " + end);
    CHECK(track.codec == RtpCodec::kH264);
    CHECK(track.clock_rate == 90'000);
    CHECK(track.control == "trackID=1");
  }
}

TEST_CASE("quirk: origin and connection lines that are none") {
  for (const char* lines : {"o=[-2208991488 2208991488 IN IP4 10.0.0.9]\nc=IN c=IN IP4 0.0.0.0\n",
                            "o=- -8959200248001175080 1 IN\nc=IN \n", "o=\nc=\ns=\nt=\n"}) {
    CAPTURE(lines);
    CHECK(FirstTrack(std::string("v=0\n") + lines + "m=video 0 RTP/AVP 26\n" + lines).codec == RtpCodec::kJpeg);
  }
}

TEST_CASE("quirk: attributes in any order, some twice, some of them nonsense") {
  const auto track = FirstTrack(
      "m=video 0 RTP/AVP 96\na=control:trackID=3\na=framerate:0S\na=fmtp:96 "
      "packetization-mode=1\na=recvonly\n"
      "a=Media_header:MEDIAINFO=494D4B48;\na=rtpmap:96 H264/90000\na=framerate:25\na=x-dimensions: "
      "1280, 720\n");
  CHECK(track.codec == RtpCodec::kH264);
  CHECK(track.Parameter("packetization-mode") == "1");
  CHECK(track.framerate == 25);
  CHECK(track.width == 1280);
  CHECK(track.height == 720);
}

TEST_CASE("quirk: no sprop, or a broken profile-level-id") {
  for (const char* fmtp :
       {"", "a=fmtp:96\n", "a=fmtp:96 \n", "a=fmtp:96 profile-level-id=4D0014;packetization-mode=0\n",
        "a=fmtp:96 profile-level-id=5046314;packetization-mode=1\n",
        "a=fmtp:96 profile-level-id=TeAo;;packetization-mode\n"}) {
    CAPTURE(fmtp);
    const auto track = FirstTrack(std::string("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n") + fmtp);
    CHECK(track.codec == RtpCodec::kH264);
    CHECK(track.decoder_config.empty());
  }
}

TEST_CASE("quirk: start codes in sprop-parameter-sets") {
  const std::string sdp = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets=";
  const auto plain = FirstTrack(sdp + "Z01AH6s=,aO48gA==").decoder_config;
  CHECK(plain.size() == 17);
  CHECK(FirstTrack(sdp + "Z01AH6sAAAAB,aO48gAAAAAE=").decoder_config == plain);
  CHECK(FirstTrack(sdp + "AAAAAWdNQB+r,AAAAAWjuPIA=").decoder_config == plain);
}

TEST_CASE("quirk: tracks that are not RTP video are passed over") {
  const auto sdp = ParseSdp(
      "m=audio 0 RTP/AVP (null)\na=rtpmap\nm=application/TP-LINK 0 RTP/AVP "
      "smart/1/90000\na=rtpmap:95 TP-LINK/90000\n"
      "a=control:track3\nm=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=control:track1\n"
      "m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\na=control:track4\n");
  REQUIRE(sdp);
  REQUIRE(sdp->video_tracks.size() == 1);
  CHECK(sdp->video_tracks[0].codec == RtpCodec::kH265);
  CHECK(sdp->video_tracks[0].control == "track1");
}

TEST_CASE("quirk: an rtpmap for a format that the track does not have") {
  const auto track = FirstTrack("m=video 0 RTP/AVP 35\na=rtpmap:102 H265/90000\na=rtpmap:35 H264/90000\n");
  CHECK(track.codec == RtpCodec::kH264);
  CHECK(track.payload_type == 35);
}

TEST_CASE("quirk: MJPEG without rtpmap") {
  CHECK(FirstTrack("m=video 0 RTP/AVP 26\na=framesize:96 800-600\n").codec == RtpCodec::kJpeg);
}

TEST_CASE("quirk: several video tracks") {
  const auto sdp = ParseSdp(
      "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:main\n"
      "m=video 0 RTP/AVP 26\na=control:sub\n");
  REQUIRE(sdp);
  CHECK(ChooseVideoTrack(*sdp, std::nullopt)->control == "main");
  CHECK(ChooseVideoTrack(*sdp, 2)->control == "sub");
}

std::string Frame(int channel, size_t payload_size, char first = '\x80') {
  std::string frame{'$', static_cast<char>(channel), static_cast<char>(payload_size >> 8),
                    static_cast<char>(payload_size), first};
  frame.append(payload_size - 1, 'x');
  // RTCP begins with a report (RFC 3550 6.1).
  if (channel % 2 == 1) frame.replace(5, 3, "\xc9\0\1", 3);
  return frame;
}

// The channels of the packets in `stream`, messages as -1.
std::vector<int> Cut(RtspFramer& framer, std::string_view stream) {
  std::vector<int> channels;
  for (;;) {
    const RtspElement element = framer.Next(Bytes(stream));
    if (element.kind == RtspElement::Kind::kNeedMore) return channels;
    if (element.kind == RtspElement::Kind::kInterleaved) channels.push_back(element.channel);
    if (element.kind == RtspElement::Kind::kMessage) channels.push_back(-1);
    stream.remove_prefix(element.consumed);
  }
}

const std::string kOk = "RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n";

TEST_CASE("quirk: packets before the answer to PLAY, also on channels nobody asked for") {
  RtspFramer framer;
  CHECK(Cut(framer, Frame(0, 100) + Frame(1, 28) + Frame(4, 200) + kOk + Frame(0, 100)) == std::vector{0, 1, 4, -1, 0});
  CHECK(framer.junk_bytes() == 0);
}

TEST_CASE("quirk: an empty line before a packet or a message") {
  RtspFramer framer;
  CHECK(Cut(framer, kOk + "\r\n" + Frame(0, 100) + "\r\n" + kOk + "\n") == std::vector{-1, 0, -1});
  CHECK(framer.resyncs() == 0);
}

TEST_CASE("quirk: stray bytes between packets") {
  RtspFramer framer;
  const std::string garbage = "\x01\x02garbage\xff$";
  CHECK(Cut(framer, Frame(0, 500) + garbage + Frame(0, 600) + Frame(0, 700) + garbage + kOk) ==
        std::vector{0, 0, 0, -1});
  CHECK(framer.resyncs() == 2);
  CHECK(framer.junk_bytes() == 2 * garbage.size());
}

TEST_CASE("quirk: a packet that the camera wrote only in part") {
  // The network was full: 300 of 1000 bytes went out, then the next packets.
  RtspFramer framer;
  const std::string stream =
      Frame(0, 1000).substr(0, 300) + Frame(0, 400) + Frame(0, 800) + Frame(0, 900) + Frame(0, 100) + Frame(1, 28);
  const auto channels = Cut(framer, stream);
  CHECK(framer.resyncs() == 1);
  // The one that was cut short, with parts of its successors, then those that are whole.
  CHECK(channels == std::vector{0, 0, 0, 1});
}

TEST_CASE("quirk: a body longer than its Content-Length") {
  RtspFramer framer;
  CHECK(Cut(framer, "RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nv=0\nleft over\n" + kOk) == std::vector{-1, -1});
  CHECK(framer.junk_bytes() == 10);
}

TEST_CASE("quirk: packets of a former session") {
  // Its channels are not ours, and it may begin in the middle of a packet.
  RtspFramer framer;
  framer.Expect({.rtp_channel = 2, .rtcp_channel = 3});
  CHECK(Cut(framer, Frame(0, 100).substr(40) + Frame(0, 100) + kOk + Frame(0, 50) + Frame(2, 100)) ==
        std::vector{-1, 0, 2});
}

}  // namespace
}  // namespace framewell
