#include "ingest/rtsp/rtsp_client.h"

#include <chrono>

#include "rtsp_test_support.h"

namespace framewell {
namespace {

using rtsp_event::Nothing;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("the handshake goes from OPTIONS to PLAY") {
  ScriptedCamera camera;
  const RtspEvent played =
      camera.UpToPlay({.play_headers = "Session: 12345678\r\nRTP-Info: url=trackID=1;seq=4711;rtptime=90000\r\n"});

  CHECK(camera.options.method == "OPTIONS");
  CHECK(camera.options.uri == "rtsp://camera/live");
  CHECK(HeaderOf(camera.options, "CSeq") == "1");
  CHECK(HeaderOf(camera.options, "User-Agent") == "Framewell");
  CHECK(camera.describe.method == "DESCRIBE");
  CHECK(HeaderOf(camera.describe, "CSeq") == "2");
  CHECK(HeaderOf(camera.describe, "Accept") == "application/sdp");
  CHECK(camera.setup.method == "SETUP");
  CHECK(camera.setup.uri == "rtsp://camera/live/trackID=1");
  CHECK(HeaderOf(camera.setup, "Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1");
  CHECK_FALSE(camera.setup.headers.Find("Session"));
  CHECK(camera.play.method == "PLAY");
  CHECK(camera.play.uri == "rtsp://camera/live/");
  CHECK(HeaderOf(camera.play, "Session") == "12345678");

  CHECK(camera.ready.track.codec == RtpCodec::kH264);
  CHECK(std::get<InterleavedDelivery>(camera.ready.delivery).rtcp_channel == 1);
  REQUIRE(Is<rtsp_event::Playing>(played));
  CHECK(std::get<rtsp_event::Playing>(played).first_sequence == 4711);
  CHECK(std::get<rtsp_event::Playing>(played).first_timestamp == 90'000);
}

TEST_CASE("UDP is asked for with our ports") {
  ScriptedCamera camera("rtsp://camera/live", RtspTransport::kUdp);
  const RtspEvent event = camera.UpToSetup(
      {.setup_headers = "Session: 1\r\nTransport: RTP/AVP;unicast;client_port=5000-5001;server_port=6970-6971;"
                        "source=10.0.0.9;ssrc=1234ABCD\r\n"});
  CHECK(HeaderOf(camera.setup, "Transport") == "RTP/AVP;unicast;client_port=5000-5001");
  REQUIRE(Is<rtsp_event::TrackReady>(event));
  const auto& ready = std::get<rtsp_event::TrackReady>(event);
  CHECK(std::get<UdpDelivery>(ready.delivery).server_ports == RtpPortPair{6970, 6971});
  CHECK(std::get<UdpDelivery>(ready.delivery).source == "10.0.0.9");
  CHECK(ready.ssrc == 0x1234ABCD);
}

TEST_CASE("refusals have a code each and the RFC's words") {
  struct Row {
    const char* status;
    const char* code;
    const char* message;
  };
  for (const Row& row : {
           Row{"403 Forbidden", "ERR_RTSP_FORBIDDEN",
               "Expected status 200 for DESCRIBE but the camera answered 403 Forbidden"},
           Row{"404 Gone fishing", "ERR_RTSP_NOT_FOUND",
               "Expected status 200 for DESCRIBE but the camera answered 404 Not Found"},
           Row{"453 x", "ERR_RTSP_BUSY",
               "Expected status 200 for DESCRIBE but the camera answered 453 Not Enough Bandwidth"},
           Row{"503 x", "ERR_RTSP_STATUS",
               "Expected status 200 for DESCRIBE but the camera answered 503 Service Unavailable"},
       }) {
    CAPTURE(row.status);
    ScriptedCamera camera;
    camera.Connect();
    CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "200 OK")));
    const auto error = FailureOf(camera.Answer(camera.Sent(), row.status));
    CHECK(error.code() == row.code);
    CHECK(error.what() == std::string(row.message));
    CHECK(camera.client.NextDeadline() == RtspClient::TimePoint::max());
  }
}

TEST_CASE("a camera that does not offer the transport is told so") {
  ScriptedCamera camera("rtsp://camera/live", RtspTransport::kUdp);
  CHECK(Is<Nothing>(camera.UpToDescribe({})));
  CHECK(FailureOf(camera.Answer(camera.Sent(), "461 Unsupported Transport")).what() ==
        std::string("Expected RTP over UDP for SETUP but the camera answered 461 Unsupported transport"));

  ScriptedCamera other;
  const auto error = FailureOf(other.UpToSetup(
      {.setup_headers = "Session: 1\r\nTransport: RTP/AVP;unicast;client_port=1-2;server_port=3-4\r\n"}));
  CHECK(error.code() == "ERR_RTSP_PROTOCOL");
}

TEST_CASE("what has no video fails, what is not for us is declined") {
  const auto described = [](std::string sdp, std::optional<size_t> track = std::nullopt) {
    ScriptedCamera camera("rtsp://camera/live", RtspTransport::kTcp, track);
    return camera.UpToDescribe({.sdp = std::move(sdp)});
  };
  CHECK(FailureOf(described("")).code() == "ERR_RTSP_PROTOCOL");
  CHECK(FailureOf(described("m=audio 0 RTP/AVP 0\r\n")).code() == "ERR_RTSP_NO_VIDEO");
  CHECK(FailureOf(described("m=video 0 RTP/AVP 26\r\n", 2)).what() ==
        std::string("Expected video track 2 but the camera's SDP has 1"));
  const auto reason = [&](std::string sdp) {
    const RtspEvent event = described(std::move(sdp));
    REQUIRE(Is<rtsp_event::Declined>(event));
    return std::get<rtsp_event::Declined>(event).reason;
  };
  CHECK(reason("m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n").ends_with("sends VP8"));
  CHECK(reason("m=video 0 RTP/AVP 33\r\n").ends_with("sends MP2T"));
  CHECK(reason("m=video 0 RTP/AVP 99\r\n").ends_with("sends an unnamed codec"));
  CHECK(reason("m=video 0 RTP/SAVP 96\r\na=rtpmap:96 H264/90000\r\n").find("SRTP") != std::string::npos);
}

TEST_CASE("redirects are handed on, from an answer or a request") {
  ScriptedCamera camera("rtsp://u:p@camera/live");
  camera.Connect();
  CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "200 OK")));
  const RtspEvent event =
      camera.Answer(camera.Sent(), "302 Moved Temporarily", "Location: rtsp://camera:8554/other\r\n");
  REQUIRE(Is<rtsp_event::Redirect>(event));
  CHECK(std::get<rtsp_event::Redirect>(event).url.port == 8554);
  CHECK(std::get<rtsp_event::Redirect>(event).url.credentials.password == "p");

  ScriptedCamera lost;
  lost.Connect();
  CHECK(FailureOf(lost.Answer(lost.Sent(), "301 Moved")).code() == "ERR_RTSP_REDIRECT");

  ScriptedCamera playing;
  CHECK(Is<rtsp_event::Playing>(playing.UpToPlay({})));
  CHECK(Is<rtsp_event::Redirect>(
      playing.Say("REDIRECT rtsp://camera/live RTSP/1.0\r\nCSeq: 9\r\nLocation: rtsp://other/\r\n\r\n")));
}

TEST_CASE("the camera's requests are answered") {
  ScriptedCamera camera;
  CHECK(Is<rtsp_event::Playing>(camera.UpToPlay({})));
  CHECK(Is<Nothing>(camera.Say("OPTIONS * RTSP/1.0\r\nCSeq: 8\r\n\r\n")));
  CHECK(camera.outbox ==
        "RTSP/1.0 200 OK\r\nCSeq: 8\r\nSession: 12345678\r\n"
        "Public: OPTIONS, ANNOUNCE, GET_PARAMETER, SET_PARAMETER, REDIRECT, TEARDOWN, "
        "PLAY_NOTIFY\r\n\r\n");
  camera.outbox.clear();
  CHECK(Is<Nothing>(camera.Say("RECORD * RTSP/1.0\r\n\r\n")));
  CHECK(camera.outbox == "RTSP/1.0 501 Not Implemented\r\nSession: 12345678\r\n\r\n");
  CHECK(FailureOf(camera.Say("TEARDOWN * RTSP/1.0\r\n\r\n")).code() == "ERR_STREAM_ENDED");
}

TEST_CASE("a camera that asks and never reads cannot fill the outbox") {
  ScriptedCamera camera;
  CHECK(Is<rtsp_event::Playing>(camera.UpToPlay({})));
  RtspEvent event = Nothing{};
  for (int i = 0; i < 10'000 && Is<Nothing>(event); ++i) event = camera.Say("OPTIONS * RTSP/1.0\r\n\r\n");
  CHECK(FailureOf(event).code() == "ERR_RTSP_PROTOCOL");
  CHECK(camera.outbox.size() < 66'000);
}

TEST_CASE("each answer is waited for, then the silence has a name") {
  ScriptedCamera camera;
  camera.Connect();
  CHECK(camera.client.NextDeadline() == camera.now + seconds(10));
  camera.now += milliseconds(9'999);
  CHECK(Is<Nothing>(camera.client.OnTick(camera.now)));
  CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "200 OK")));
  CHECK(camera.client.NextDeadline() == camera.now + seconds(10));
  camera.now += seconds(10);
  const auto error = FailureOf(camera.client.OnTick(camera.now));
  CHECK(error.code() == "ERR_RTSP_TIMEOUT");
  CHECK(error.what() == std::string("Expected an answer to DESCRIBE within 10000 ms but received none"));
}

TEST_CASE("a closed connection is named by what was going on") {
  ScriptedCamera camera;
  CHECK(Is<Nothing>(camera.client.OnClosed()));
  camera.Connect();
  CHECK(FailureOf(camera.client.OnClosed()).what() ==
        std::string("Expected an answer to OPTIONS but the camera closed the connection"));
  CHECK(Is<Nothing>(camera.client.OnClosed()));
  ScriptedCamera playing;
  CHECK(Is<rtsp_event::Playing>(playing.UpToPlay({})));
  CHECK(FailureOf(playing.client.OnClosed()).code() == "ERR_STREAM_ENDED");
}

}  // namespace
}  // namespace framewell
