#include "ingest/rtsp/sdp.h"

#include <string>

#include "rtsp_test_support.h"

namespace framewell {
namespace {

// An SDP around one video section.
SdpVideoTrack ParseTrack(const std::string& section) {
  const auto sdp = ParseSdp("v=0\r\ns=-\r\nt=0 0\r\n" + section);
  REQUIRE(sdp);
  REQUIRE(sdp->video_tracks.size() == 1);
  return sdp->video_tracks[0];
}

std::string Hex(const std::vector<uint8_t>& bytes) {
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

TEST_CASE("a video track is read with all that it says") {
  const auto sdp = ParseSdp(
      "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=Media\r\nc=IN IP4 239.1.2.3/16\r\nt=0 "
      "0\r\na=control:*\r\n"
      "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:trackID=0\r\n"
      "m=video 5004/2 RTP/AVP 96\r\nb=AS:5000\r\na=framerate:25.0\r\na=x-dimensions:1920,1080\r\n"
      "a=rtpmap:96 h265/90000\r\na=fmtp:96 Profile-ID=1; "
      "sprop-max-don-diff=2\r\na=control:trackID=1\r\n"
      "m=application 0 RTP/AVP 107\r\na=rtpmap:107 "
      "vnd.onvif.metadata/90000\r\na=control:trackID=2\r\n");
  REQUIRE(sdp);
  CHECK(sdp->control == "*");
  REQUIRE(sdp->video_tracks.size() == 1);
  const SdpVideoTrack& track = sdp->video_tracks[0];
  CHECK(track.codec == RtpCodec::kH265);
  CHECK(track.encoding == "H265");
  CHECK(track.payload_type == 96);
  CHECK(track.clock_rate == 90'000);
  CHECK(track.control == "trackID=1");
  CHECK(track.port == 5004);
  REQUIRE(track.connection);
  CHECK(track.connection->address == "239.1.2.3");
  CHECK(track.connection->ttl == 16);
  CHECK(track.Parameter("profile-id") == "1");
  CHECK(track.max_don_diff == 2);
  CHECK(track.framerate == 25);
  CHECK(track.width == 1920);
  CHECK(track.height == 1080);
}

TEST_CASE("a connection line holds for its track, that of the session for all others") {
  const auto sdp = ParseSdp("c=IN IP4 239.0.0.1/1\nm=video 0 RTP/AVP 26\nc=IN IP6 ff15::2/3\nm=video 0 RTP/AVP 26\n");
  REQUIRE(sdp);
  CHECK(sdp->video_tracks[0].connection->address == "ff15::2");
  CHECK(sdp->video_tracks[0].connection->ttl == 0);
  CHECK(sdp->video_tracks[1].connection->address == "239.0.0.1");
}

TEST_CASE("static payload types need no rtpmap") {
  const auto jpeg = ParseTrack("m=video 0 RTP/AVP 26\r\na=framesize:26 800-600\r\na=control:track1\r\n");
  CHECK(jpeg.codec == RtpCodec::kJpeg);
  CHECK(jpeg.payload_type == 26);
  CHECK(jpeg.clock_rate == 90'000);
  CHECK(jpeg.width == 800);
  CHECK(jpeg.height == 600);
  CHECK(ParseTrack("m=video 0 RTP/AVP 33\r\n").encoding == "MP2T");
  CHECK(ParseTrack("m=video 0 MP2T/H2221/UDP 33\r\n").encoding == "MP2T");
  CHECK(ParseTrack("m=video 0 RTP/AVP 96\r\n").codec == RtpCodec::kOther);
}

TEST_CASE("of several formats the first that we know counts") {
  const auto track = ParseTrack(
      "m=video 0 RTP/AVP 98 97 96\r\na=rtpmap:96 JPEG/90000\r\na=rtpmap:97 "
      "H264/90000\r\na=rtpmap:98 VP8/90000\r\n"
      "a=fmtp:98 x=1\r\na=fmtp:97 packetization-mode=1\r\n");
  CHECK(track.payload_type == 97);
  CHECK(track.Parameter("packetization-mode") == "1");
  CHECK_FALSE(track.Parameter("x"));
}

TEST_CASE("SRTP is noticed") {
  CHECK(ParseTrack("m=video 0 RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n").secure);
  CHECK_FALSE(ParseTrack("m=video 0 RTP/AVPF 96\r\na=rtpmap:96 H264/90000\r\n").secure);
}

TEST_CASE("parameter sets become Annex B, SPS first") {
  const auto h264 = [](const std::string& sets) {
    return Hex(
        ParseTrack("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=" + sets + "\r\n")
            .decoder_config);
  };
  // Z01AH6s= is 67 4d 40 1f ab, aO48gA== is 68 ee 3c 80.
  const std::string both = "00000001674d401fab0000000168ee3c80";
  CHECK(h264("Z01AH6s=,aO48gA==") == both);
  CHECK(h264("aO48gA==,Z01AH6s=") == both);
  CHECK(h264(" Z01AH6s= , aO48gA== ;") == both);
}

TEST_CASE("broken parameter sets are left out, whole ones kept") {
  struct Row {
    const char* sets;
    const char* config;
  };
  for (const Row& row : {
           Row{"", ""},
           Row{",,", ""},
           Row{"????,aO48gA==", "0000000168ee3c80"},
           Row{"Z01AH6s=", "00000001674d401fab"},
           // A slice (65) is no parameter set.
           Row{"ZYiEAA==,aO48gA==", "0000000168ee3c80"},
           // 00 00 00 01 behind each set.
           Row{"Z01AH6sAAAAB,aO48gAAAAAE=", "00000001674d401fab0000000168ee3c80"},
           // Both in one, with start codes.
           Row{"AAAAAWdNQB+rAAAAAWjuPIA=", "00000001674d401fab0000000168ee3c80"},
       }) {
    CAPTURE(row.sets);
    const auto track =
        ParseTrack(std::string("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=") +
                   row.sets + "\r\n");
    CHECK(Hex(track.decoder_config) == row.config);
  }
}

TEST_CASE("H.265 has three kinds of parameter sets, MPEG-4 a configuration in hexadecimal") {
  // 40 01 0c, 42 01 01 and 44 01 c1.
  const auto h265 = ParseTrack(
      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n"
      "a=fmtp:96 sprop-pps=RAHB; sprop-sps=QgEB; sprop-vps=QAEM\r\n");
  CHECK(Hex(h265.decoder_config) == "0000000140010c00000001420101000000014401c1");

  const auto mpeg4 = [](const std::string& config) {
    return Hex(ParseTrack("m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\na=fmtp:96 config=" + config + "\r\n")
                   .decoder_config);
  };
  CHECK(mpeg4("000001B0F3") == "000001b0f3");
  CHECK(mpeg4("000001XX") == "");
}

TEST_CASE("values that make no sense are as if absent") {
  const auto track = ParseTrack(
      "m=video 70000 RTP/AVP 96\r\nc=IN\r\na=rtpmap:96 "
      "H264/0\r\na=framerate:0S\r\na=framerate:inf\r\n"
      "a=x-dimensions:0,0\r\na=framesize:96 99999-1\r\na=fmtp:96 "
      "sprop-max-don-diff=-1;;=;x\r\na=fmtp\r\na=control\r\n");
  CHECK(track.port == 0);
  CHECK_FALSE(track.connection);
  CHECK(track.clock_rate == 90'000);
  CHECK(track.framerate == 0);
  CHECK(track.width == 0);
  CHECK(track.max_don_diff == 0);
  CHECK(track.control.empty());
}

TEST_CASE("what has no media is no SDP") {
  CHECK_FALSE(ParseSdp(""));
  CHECK_FALSE(ParseSdp("<html>m=video</html>"));
  CHECK_FALSE(ParseSdp("v=0\r\ns=-\r\n"));
  const auto audio_only = ParseSdp("m=audio 0 RTP/AVP 0\r\n");
  REQUIRE(audio_only);
  CHECK(audio_only->video_tracks.empty());
}

TEST_CASE("tracks are bounded in number and names in length") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "m=video 0 RTP/AVP 96\n";
  CHECK(ParseSdp(text)->video_tracks.size() == 64);
  const auto track = ParseTrack("m=video 0 RTP/AVP 96\r\na=rtpmap:96 <" + std::string(100, 'x') + ">/90000\r\n");
  CHECK(track.encoding == std::string(31, 'X'));
}

TEST_CASE("the track is the one asked for, else the first that we know") {
  const auto sdp = ParseSdp(
      "m=video 0 RTP/AVP 96\na=rtpmap:96 VP9/90000\n"
      "m=video 0 RTP/SAVP 96\na=rtpmap:96 H264/90000\n"
      "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n");
  REQUIRE(sdp);
  const auto* tracks = sdp->video_tracks.data();
  CHECK(ChooseVideoTrack(*sdp, std::nullopt) == tracks + 2);
  CHECK(ChooseVideoTrack(*sdp, 1) == tracks);
  CHECK(ChooseVideoTrack(*sdp, 3) == tracks + 2);
  CHECK(ChooseVideoTrack(*sdp, 0) == nullptr);
  CHECK(ChooseVideoTrack(*sdp, 4) == nullptr);
  CHECK(ChooseVideoTrack({}, std::nullopt) == nullptr);
}

}  // namespace
}  // namespace framewell
