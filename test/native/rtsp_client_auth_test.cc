// Passwords: when they are given, and when asking again would lock the camera.
#include "ingest/rtsp/rtsp_client.h"

#include "rtsp_test_support.h"

namespace framewell {
namespace {

using rtsp_event::Nothing;

constexpr const char* kChallenge = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"n1\"\r\n";

TEST_CASE("a camera with a password gets it when it asks, and in every request from then on") {
  ScriptedCamera camera("rtsp://admin:secret@camera/live");
  camera.Connect();
  const RtspRequest open = camera.Sent();
  CHECK_FALSE(open.headers.Find("Authorization"));
  CHECK(open.uri == "rtsp://camera/live");
  CHECK(Is<Nothing>(camera.Answer(open, "401 Unauthorized", kChallenge)));
  const RtspRequest authorized = camera.Sent();
  CHECK(authorized.method == "OPTIONS");
  CHECK(HeaderOf(authorized, "CSeq") == "2");
  CHECK(HeaderOf(authorized, "Authorization").starts_with("Digest username=\"admin\", realm=\"cam\", nonce=\"n1\""));
  CHECK(Is<Nothing>(camera.Answer(authorized, "200 OK")));
  CHECK(HeaderOf(camera.Sent(), "Authorization").find("uri=\"rtsp://camera/live\"") != std::string_view::npos);
}

TEST_CASE("a wrong password is tried once") {
  ScriptedCamera camera("rtsp://admin:wrong@camera/live");
  camera.Connect();
  CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "401 Unauthorized", kChallenge)));
  const auto error = FailureOf(
      camera.Answer(camera.Sent(), "401 Unauthorized", "WWW-Authenticate: Digest realm=\"cam\", nonce=\"n2\"\r\n"));
  CHECK(error.code() == "ERR_RTSP_UNAUTHORIZED");
  CHECK(std::string(error.what()).find("wrong") == std::string::npos);
  CHECK(camera.outbox.empty());
}

TEST_CASE("an aged nonce is not a wrong password") {
  ScriptedCamera camera("rtsp://admin:secret@camera/live");
  const std::string stale = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"n2\", stale=true\r\n";
  camera.Connect();
  CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "401 Unauthorized", kChallenge)));
  CHECK(Is<Nothing>(camera.Answer(camera.Sent(), "401 Unauthorized", stale)));
  const RtspRequest again = camera.Sent();
  CHECK(HeaderOf(again, "Authorization").find("nonce=\"n2\"") != std::string_view::npos);
  // But a camera whose nonces age at once is not asked for ever.
  CHECK(Is<Nothing>(camera.Answer(again, "401 Unauthorized", stale)));
  CHECK(FailureOf(camera.Answer(camera.Sent(), "401 Unauthorized", stale)).code() == "ERR_RTSP_UNAUTHORIZED");
}

TEST_CASE("without user, or with an unknown challenge, a 401 is the end") {
  ScriptedCamera open;
  open.Connect();
  CHECK(FailureOf(open.Answer(open.Sent(), "401 Unauthorized", kChallenge)).code() == "ERR_RTSP_UNAUTHORIZED");
  ScriptedCamera known("rtsp://u:p@camera/live");
  known.Connect();
  CHECK(FailureOf(known.Answer(known.Sent(), "401 Unauthorized")).code() == "ERR_RTSP_UNAUTHORIZED");
}

}  // namespace
}  // namespace framewell
