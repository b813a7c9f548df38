// One test for each quirk of docs/camera-quirks.md that concerns the RTSP session: its answers and headers. The table
// there names the cameras.
#include <chrono>

#include "rtsp_test_support.h"

namespace framewell {
namespace {

using rtsp_event::Nothing;
using rtsp_event::Playing;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("quirk: lower-case, folded and padded headers") {
  ScriptedCamera camera("rtsp://u:p@camera/live");
  camera.Connect();
  const RtspRequest options = camera.Sent();
  CHECK(
      Is<Nothing>(camera.Say("RTSP/1.0 401 Unauthorized\r\ncseq: 1 \r\n"
                             "www-authenticate: Digest realm=\"cam\",\r\n\tnonce=\"n1\"\r\n\r\n")));
  CHECK(HeaderOf(camera.Sent(), "Authorization").find("nonce=\"n1\"") != std::string_view::npos);
}

TEST_CASE("quirk: OPTIONS without Public, or refused") {
  for (const char* status : {"200 OK", "404 Not Found", "405 Method Not Allowed", "501 Not Implemented"}) {
    CAPTURE(status);
    ScriptedCamera camera;
    camera.Connect();
    CHECK(Is<Nothing>(camera.Answer(camera.Sent(), status)));
    CHECK(camera.Sent().method == "DESCRIBE");
  }
}

TEST_CASE("quirk: answers without CSeq or with another one") {
  for (const char* cseq : {"", "CSeq: 0\r\n", "CSeq: 77\r\n"}) {
    CAPTURE(cseq);
    ScriptedCamera camera;
    camera.Connect();
    CHECK(camera.Sent().method == "OPTIONS");
    CHECK(Is<Nothing>(camera.Say(std::string("RTSP/1.0 200 OK\r\n") + cseq + "\r\n")));
    CHECK(camera.Sent().method == "DESCRIBE");
  }
}

TEST_CASE("quirk: 100 Continue before the answer") {
  ScriptedCamera camera;
  camera.Connect();
  const RtspRequest options = camera.Sent();
  CHECK(Is<Nothing>(camera.Answer(options, "100 Continue")));
  CHECK(camera.outbox.empty());
  CHECK(Is<Nothing>(camera.Answer(options, "200 OK")));
  CHECK(camera.Sent().method == "DESCRIBE");
}

TEST_CASE("quirk: DESCRIBE without Content-Type, SDP without session part") {
  ScriptedCamera camera;
  CHECK(Is<Playing>(camera.UpToPlay(
      {.describe_headers = "", .sdp = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:trackID=0"})));
  CHECK(camera.setup.uri == "rtsp://camera/live/trackID=0");
}

TEST_CASE("quirk: the connection is closed after a 401") {
  ScriptedCamera camera("rtsp://u:p@camera/live");
  camera.Connect();
  CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "401 Unauthorized",
                                  "Connection: close\r\nWWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n")));
  CHECK(Is<rtsp_event::Reconnect>(camera.client.OnClosed()));
  CHECK(camera.client.NextDeadline() == RtspClient::TimePoint::max());
  camera.outbox = "the rest of what the old connection did not take";
  camera.Connect();
  const RtspRequest again = camera.Sent();
  CHECK(again.method == "OPTIONS");
  CHECK(HeaderOf(again, "Authorization").starts_with("Digest"));
  // Once, not for ever.
  CHECK(FailureOf(camera.client.OnClosed()).code() == "ERR_RTSP_PROTOCOL");
}

TEST_CASE("quirk: Digest and Basic offered together, in either order") {
  const std::string digest = "WWW-Authenticate: Digest realm=\"c\", nonce=\"n\", stale=\"FALSE\"\r\n";
  const std::string basic = "WWW-Authenticate: Basic realm=\"c\"\r\n";
  for (const std::string& headers : {digest + basic, basic + digest}) {
    ScriptedCamera camera("rtsp://u:p@camera/live");
    camera.Connect();
    CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "401 Unauthorized", headers)));
    CHECK(HeaderOf(camera.Sent(), "Authorization").starts_with("Digest"));
  }
}

TEST_CASE("quirk: Session with a timeout in odd spacing, or with none") {
  struct Row {
    const char* session;
    int interval_ms;
  };
  for (const Row& row :
       {Row{"Session:        708345999;timeout=60\r\n", 30'000}, Row{"Session: 708345999; timeout=20\r\n", 10'000},
        Row{"session: 708345999 ;Timeout = 15 \r\n", 7'500}, Row{"Session: 708345999\r\n", 30'000},
        Row{"Session: 708345999;timeout=0\r\n", 30'000}}) {
    CAPTURE(row.session);
    ScriptedCamera camera;
    CHECK(Is<Playing>(camera.UpToPlay({.setup_headers = row.session, .play_headers = ""})));
    CHECK(HeaderOf(camera.play, "Session") == "708345999");
    CHECK(camera.client.NextDeadline() == camera.now + milliseconds(row.interval_ms));
  }
}

TEST_CASE("quirk: another session id in the answer to PLAY, or a first one") {
  ScriptedCamera changed;
  CHECK(Is<Playing>(changed.UpToPlay({.setup_headers = "Session: first\r\n", .play_headers = "Session: second\r\n"})));
  changed.client.Teardown(changed.now);
  CHECK(HeaderOf(changed.Sent(), "Session") == "first");

  ScriptedCamera late;
  CHECK(Is<Playing>(late.UpToPlay({.setup_headers = "", .play_headers = "Session: late;timeout=10\r\n"})));
  CHECK_FALSE(late.play.headers.Find("Session"));
  CHECK(late.client.NextDeadline() == late.now + seconds(5));
  late.client.Teardown(late.now);
  CHECK(HeaderOf(late.Sent(), "Session") == "late");
}

TEST_CASE("quirk: channels other than asked for, or not named") {
  struct Row {
    const char* transport;
    int rtp;
    int rtcp;
  };
  for (const Row& row : {Row{"Transport: RTP/AVP/TCP;unicast;interleaved=8-9;ssrc=2A27A3FB\r\n", 8, 9},
                         Row{"Transport: RTP/AVP/TCP;ssrc=22345684;interleaved=2-3\r\n", 2, 3},
                         Row{"Transport: RTP/AVP/TCP;unicast\r\n", 0, 1}, Row{"", 0, 1}}) {
    CAPTURE(row.transport);
    ScriptedCamera camera;
    const RtspEvent event = camera.UpToSetup({.setup_headers = std::string("Session: 1\r\n") + row.transport});
    REQUIRE(Is<rtsp_event::TrackReady>(event));
    const auto delivery = std::get<InterleavedDelivery>(std::get<rtsp_event::TrackReady>(event).delivery);
    CHECK(delivery.rtp_channel == row.rtp);
    CHECK(delivery.rtcp_channel == row.rtcp);
  }
}

TEST_CASE("quirk: ssrc with a space, short, with 0x, or 0") {
  struct Row {
    const char* ssrc;
    uint32_t value;
  };
  for (const Row& row : {Row{" d6d6627", 0xd6d6627}, Row{"0x4CACC3D1", 0x4cacc3d1}, Row{"ABCD", 0xabcd}, Row{"0", 0},
                         Row{"00000000", 0}, Row{"2968893177", 0}}) {
    CAPTURE(row.ssrc);
    ScriptedCamera camera;
    const RtspEvent event =
        camera.UpToSetup({.setup_headers = std::string("Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1;ssrc=") +
                                           row.ssrc + "\r\n"});
    REQUIRE(Is<rtsp_event::TrackReady>(event));
    CHECK(std::get<rtsp_event::TrackReady>(event).ssrc.value_or(0) == row.value);
  }
}

TEST_CASE("quirk: PLAY has to have a Range") {
  ScriptedCamera camera;
  CHECK(Is<Playing>(camera.UpToPlay({})));
  CHECK(HeaderOf(camera.play, "Range") == "npt=0.000-");
}

TEST_CASE("quirk: no RTP-Info, or one that lies") {
  struct Row {
    const char* header;
    int sequence;
    uint32_t timestamp;
  };
  for (const Row& row : {
           Row{"", -1, 0},
           // Hikvision and Tapo whatever they send; Laureii with a semicolon at the end.
           Row{"RTP-Info: url=rtsp://camera/live/trackID=1;seq=0;rtptime=0;\r\n", -1, 0},
           Row{"RTP-Info: url=rtsp://camera/live/trackID=1;seq=1;rtptime=5\r\n", -1, 5},
           // An URL that is not ours, but the only one.
           Row{"RTP-Info: url=rtsp://camera/H264/video;seq=271;rtptime=1621990950\r\n", 271, 1621990950},
           // Tracks that were not set up.
           Row{"RTP-Info: url=trackID=0;seq=7;rtptime=8,url=trackID=1;seq=9;rtptime=10\r\n", 9, 10},
           Row{"RTP-Info: url=trackID=0;seq=7;rtptime=8,url=trackID=2;seq=9;rtptime=10\r\n", -1, 0},
           Row{"RTP-Info: url=trackID=1;seq=271;rtptime=99999999999\r\n", 271, 0},
       }) {
    CAPTURE(row.header);
    ScriptedCamera camera;
    const RtspEvent event = camera.UpToPlay({.play_headers = row.header});
    REQUIRE(Is<Playing>(event));
    const auto& playing = std::get<Playing>(event);
    CHECK((playing.first_sequence ? *playing.first_sequence : -1) == row.sequence);
    CHECK(playing.first_timestamp.value_or(0) == row.timestamp);
  }
}

TEST_CASE("quirk: the connection is closed after TEARDOWN without an answer") {
  ScriptedCamera camera;
  CHECK(Is<Playing>(camera.UpToPlay({})));
  camera.client.Teardown(camera.now);
  CHECK(camera.Sent().method == "TEARDOWN");
  CHECK(Is<rtsp_event::TornDown>(camera.client.OnClosed()));
}

TEST_CASE("quirk: answers nobody asked for while playing") {
  ScriptedCamera camera;
  CHECK(Is<Playing>(camera.UpToPlay({})));
  CHECK(Is<Nothing>(camera.Say("RTSP/1.0 400 Bad Request\r\n\r\n")));
  CHECK(Is<Nothing>(camera.Say("RTSP/1.0 454 Session Not Found\r\nCSeq: 1\r\n\r\n")));
  CHECK(camera.outbox.empty());
}

}  // namespace
}  // namespace framewell
