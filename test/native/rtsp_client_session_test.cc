// What keeps a session alive, and how it is torn down.
#include "ingest/rtsp/rtsp_client.h"

#include <chrono>

#include "rtsp_test_support.h"

namespace framewell {
namespace {

using rtsp_event::Nothing;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a session is kept alive at half its timeout") {
  ScriptedCamera camera;
  CHECK(Is<rtsp_event::Playing>(camera.UpToPlay({})));
  for (int i = 0; i < 3; ++i) {
    CHECK(camera.client.NextDeadline() == camera.now + seconds(30));
    camera.now += seconds(30);
    CHECK(Is<Nothing>(camera.client.OnTick(camera.now)));
    const RtspRequest keepalive = camera.Sent();
    CHECK(keepalive.method == "GET_PARAMETER");
    CHECK(keepalive.uri == "rtsp://camera/live/");
    CHECK(HeaderOf(keepalive, "Session") == "12345678");
    CHECK(Is<Nothing>(camera.Answer(keepalive, "200 OK")));
    CHECK(camera.outbox.empty());
  }
}

TEST_CASE("no session waits for its keepalive longer than four fifths of its timeout") {
  for (const int timeout : {1, 2, 5, 10, 30, 59, 60, 61, 3600}) {
    CAPTURE(timeout);
    CameraScript script;
    script.setup_headers = "Session: 12345678;timeout=" + std::to_string(timeout) +
                           "\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
    ScriptedCamera camera;
    CHECK(Is<rtsp_event::Playing>(camera.UpToPlay(script)));
    for (int i = 0; i < 3; ++i) {
      const auto before = camera.now;
      camera.now = camera.client.NextDeadline();
      CHECK(camera.now - before <= milliseconds(800) * timeout);
      CHECK(Is<Nothing>(camera.client.OnTick(camera.now)));
      camera.Sent();  // Not answered, the second and third time neither.
    }
  }
}

TEST_CASE("TEARDOWN ends a session and waits a moment for the answer") {
  ScriptedCamera camera;
  CHECK(Is<rtsp_event::Playing>(camera.UpToPlay({})));
  camera.client.Teardown(camera.now);
  const RtspRequest teardown = camera.Sent();
  CHECK(teardown.method == "TEARDOWN");
  CHECK(teardown.uri == "rtsp://camera/live/");
  CHECK(HeaderOf(teardown, "Session") == "12345678");
  CHECK(camera.client.NextDeadline() == camera.now + milliseconds(300));
  SUBCASE("answered") { CHECK(Is<rtsp_event::TornDown>(camera.Answer(teardown, "200 OK"))); }
  SUBCASE("answered with an error") { CHECK(Is<rtsp_event::TornDown>(camera.Answer(teardown, "454 x"))); }
  SUBCASE("asked in between, and told of an older request") {
    CHECK(Is<Nothing>(camera.Say("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")));
    CHECK(Is<Nothing>(camera.Say("TEARDOWN * RTSP/1.0\r\n\r\n")));
    CHECK(Is<rtsp_event::TornDown>(camera.Answer(teardown, "200 OK")));
  }
  SUBCASE("in silence") {
    CHECK(Is<Nothing>(camera.client.OnTick(camera.now)));
    CHECK(Is<rtsp_event::TornDown>(camera.client.OnTick(camera.now + milliseconds(300))));
  }
}

TEST_CASE("a session is torn down once") {
  ScriptedCamera camera;
  CHECK(Is<rtsp_event::Playing>(camera.UpToPlay({})));
  camera.client.Teardown(camera.now);
  CHECK(Is<rtsp_event::TornDown>(camera.Answer(camera.Sent(), "200 OK")));
  camera.client.Teardown(camera.now);
  CHECK(camera.outbox.empty());
}

TEST_CASE("without a session there is nothing to tear down") {
  ScriptedCamera camera;
  SUBCASE("before the connection") {}
  SUBCASE("in the handshake") {
    camera.Connect();
    camera.outbox.clear();
  }
  camera.client.Teardown(camera.now);
  CHECK(camera.outbox.empty());
  CHECK(camera.client.NextDeadline() == camera.now);
  CHECK(Is<rtsp_event::TornDown>(camera.client.OnTick(camera.now)));
}

TEST_CASE("a session that failed can still be torn down") {
  ScriptedCamera camera;
  CHECK(Is<rtsp_event::TrackReady>(camera.UpToSetup({})));
  CHECK(FailureOf(camera.Answer(camera.Sent(), "453 x")).code() == "ERR_RTSP_BUSY");
  camera.client.Teardown(camera.now);
  CHECK(camera.Sent().method == "TEARDOWN");
}

}  // namespace
}  // namespace framewell
