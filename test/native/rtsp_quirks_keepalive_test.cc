// One test for each quirk of docs/camera-quirks.md that concerns the keepalives of an RTSP session.
#include <chrono>

#include "rtsp_test_support.h"

namespace framewell {
namespace {

using rtsp_event::Nothing;
using rtsp_event::Playing;
using std::chrono::seconds;

// Lets the keepalive's time come and gives what is sent.
RtspRequest NextKeepalive(ScriptedCamera& camera) {
  camera.now = camera.client.NextDeadline();
  CHECK(Is<Nothing>(camera.client.OnTick(camera.now)));
  return camera.Sent();
}

TEST_CASE("quirk: keepalive by what is offered") {
  struct Row {
    const char* offered;
    const char* method;
  };
  for (const Row& row : {Row{"Public: DESCRIBE, SET_PARAMETER, GET_PARAMETER\r\n", "GET_PARAMETER"},
                         Row{"Public: DESCRIBE, SET_PARAMETER\r\n", "SET_PARAMETER"},
                         Row{"Public: DESCRIBE, SETUP\r\n", "OPTIONS"}, Row{"", "OPTIONS"}}) {
    CAPTURE(row.offered);
    ScriptedCamera camera;
    CHECK(Is<Playing>(camera.UpToPlay({.options_headers = row.offered})));
    CHECK(NextKeepalive(camera).method == row.method);
  }
}

TEST_CASE("quirk: a keepalive that is offered and then refused, with another CSeq") {
  ScriptedCamera camera;
  CHECK(Is<Playing>(camera.UpToPlay({.options_headers = "Public: SET_PARAMETER\r\n"})));
  CHECK(NextKeepalive(camera).method == "SET_PARAMETER");
  CHECK(Is<Nothing>(camera.Say("RTSP/1.0 400 Bad Request\r\nCSeq: 4\r\n\r\n")));
  const RtspRequest other = camera.Sent();
  CHECK(other.method == "OPTIONS");
  CHECK(Is<Nothing>(camera.Answer(other, "200 OK")));
  CHECK(NextKeepalive(camera).method == "OPTIONS");
}

TEST_CASE("quirk: a keepalive that is never answered") {
  ScriptedCamera camera;
  CHECK(Is<Playing>(camera.UpToPlay({})));
  CHECK(NextKeepalive(camera).method == "GET_PARAMETER");
  CHECK(NextKeepalive(camera).method == "OPTIONS");
  CHECK(NextKeepalive(camera).method == "OPTIONS");
}

TEST_CASE("quirk: every keepalive is refused while the stream goes on") {
  ScriptedCamera camera;
  CHECK(Is<Playing>(camera.UpToPlay({})));
  CHECK(Is<Nothing>(camera.Answer(NextKeepalive(camera), "551 x")));
  CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "501 x")));
  CHECK(camera.outbox.empty());
  CHECK(NextKeepalive(camera).method == "OPTIONS");
}

TEST_CASE("quirk: 454 Session Not Found to one keepalive, or to all") {
  ScriptedCamera camera;
  CHECK(Is<Playing>(camera.UpToPlay({})));
  CHECK(Is<Nothing>(camera.Answer(NextKeepalive(camera), "454 x")));
  const RtspRequest options = camera.Sent();
  SUBCASE("to one") { CHECK(Is<Nothing>(camera.Answer(options, "200 OK"))); }
  SUBCASE("to all") {
    const auto error = FailureOf(camera.Answer(options, "454 x"));
    CHECK(error.code() == "ERR_STREAM_ENDED");
    CHECK(std::string(error.what()).ends_with("454 Session Not Found"));
  }
}

TEST_CASE("quirk: the nonce changes in the middle of a session") {
  ScriptedCamera camera("rtsp://u:p@camera/live");
  CHECK(Is<Playing>(camera.UpToPlay({})));
  const auto refuse = [&](const std::string& nonce) {
    CHECK(Is<Nothing>(camera.Answer(NextKeepalive(camera), "401 Unauthorized",
                                    "WWW-Authenticate: Digest realm=\"c\", nonce=\"" + nonce + "\"\r\n")));
    const RtspRequest again = camera.Sent();
    CHECK(again.method == "GET_PARAMETER");
    CHECK(HeaderOf(again, "Authorization").find("nonce=\"" + nonce + '"') != std::string_view::npos);
    CHECK(camera.client.NextDeadline() == camera.now + seconds(30));
    return again;
  };
  CHECK(Is<Nothing>(camera.Answer(refuse("n1"), "200 OK")));
  CHECK(Is<Nothing>(camera.Answer(refuse("n2"), "400 Bad Request")));
  CHECK(camera.Sent().method == "OPTIONS");
}

}  // namespace
}  // namespace framewell
