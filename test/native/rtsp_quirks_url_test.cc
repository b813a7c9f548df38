// One test for each quirk of docs/camera-quirks.md that concerns the URLs of an RTSP session.
#include "rtsp_test_support.h"

namespace framewell {
namespace {

using rtsp_event::Nothing;
using rtsp_event::Playing;

// The URLs of SETUP and PLAY after this DESCRIBE.
void CheckUris(std::string_view url, std::string describe_headers, std::string_view session_control,
               std::string_view track_control, std::string_view setup_uri, std::string_view play_uri) {
  CAPTURE(describe_headers);
  ScriptedCamera camera(url);
  std::string sdp = "v=0\r\n";
  if (!session_control.empty()) sdp.append("a=control:").append(session_control).append("\r\n");
  sdp += "m=video 0 RTP/AVP 26\r\n";
  if (!track_control.empty()) sdp.append("a=control:").append(track_control).append("\r\n");
  CHECK(Is<Playing>(camera.UpToPlay({.describe_headers = std::move(describe_headers), .sdp = sdp})));
  CHECK(camera.setup.uri == setup_uri);
  CHECK(camera.play.uri == play_uri);
}

TEST_CASE("quirk: no Content-Base") {
  CheckUris("rtsp://cam:10554/tcp/av0_0", "", "", "track0", "rtsp://cam:10554/tcp/av0_0/track0",
            "rtsp://cam:10554/tcp/av0_0");
  CheckUris("rtsp://cam/live?ch=1", "", "*", "trackID=0", "rtsp://cam/live?ch=1/trackID=0", "rtsp://cam/live?ch=1");
}

TEST_CASE("quirk: Content-Base without scheme, with two, or as a path") {
  CheckUris("rtsp://10.0.0.9/stream0", "Content-Base: 10.0.0.9:554/stream0/\r\n", "*", "trackID=1",
            "rtsp://10.0.0.9:554/stream0/trackID=1", "rtsp://10.0.0.9:554/stream0/");
  CheckUris("rtsp://cam.lan/stream1", "Content-Base: rtsp://rtsp://cam.lan:554/stream1/\r\n", "*", "trackID=1",
            "rtsp://cam.lan:554/stream1/trackID=1", "rtsp://cam.lan:554/stream1/");
  CheckUris("rtsp://cam/stream1", "Content-Base: /stream1/\r\n", "*", "trackID=1", "rtsp://cam/stream1/trackID=1",
            "rtsp://cam/stream1/");
  CheckUris("rtsp://cam/stream1", "Content-Base: \r\n", "*", "trackID=1", "rtsp://cam/stream1/trackID=1",
            "rtsp://cam/stream1");
}

TEST_CASE("quirk: Content-Base without closing slash, or with a query before it") {
  CheckUris("rtsp://cam/H264", "Content-Base: rtsp://cam/H264?channel=1&subtype=0\r\n", "*", "video",
            "rtsp://cam/H264?channel=1&subtype=0/video", "rtsp://cam/H264?channel=1&subtype=0");
  CheckUris("rtsp://cam/cam/realmonitor", "Content-Base: rtsp://cam/cam/realmonitor?channel=1&subtype=0/\r\n", "*",
            "trackID=0", "rtsp://cam/cam/realmonitor?channel=1&subtype=0/trackID=0",
            "rtsp://cam/cam/realmonitor?channel=1&subtype=0/");
}

TEST_CASE("quirk: absolute control URLs with a query") {
  CheckUris("rtsp://cam/Streaming/Channels/101", "Content-Base: rtsp://cam:554/Streaming/Channels/101/\r\n",
            "rtsp://cam:554/Streaming/Channels/101/?transportmode=unicast",
            "rtsp://cam:554/Streaming/Channels/101/trackID=1?transportmode=unicast",
            "rtsp://cam:554/Streaming/Channels/101/trackID=1?transportmode=unicast",
            "rtsp://cam:554/Streaming/Channels/101/?transportmode=unicast");
}

TEST_CASE("quirk: URLs with the user and the password in them") {
  CheckUris("rtsp://u:p@cam/live", "Content-Base: rtsp://u:p@cam/live/\r\n", "*", "trackID=1",
            "rtsp://cam/live/trackID=1", "rtsp://cam/live/");
  CheckUris("rtsp://u:p@cam/live", "", "rtsp://u:p@cam/live/", "rtsp://u:p@cam/live/trackID=1",
            "rtsp://cam/live/trackID=1", "rtsp://cam/live/");
}

TEST_CASE("quirk: no control for the track, or `*`") {
  CheckUris("rtsp://cam/live", "", "", "", "rtsp://cam/live", "rtsp://cam/live");
  CheckUris("rtsp://cam/live", "", "*", "*", "rtsp://cam/live", "rtsp://cam/live");
}

TEST_CASE("quirk: Content-Base names another stream or address, which SETUP then does not find") {
  for (const char* refusal : {"404 Not Found", "400 Bad Request"}) {
    CAPTURE(refusal);
    ScriptedCamera camera("rtsp://gateway:8554/cam1");
    CHECK(Is<Nothing>(camera.UpToDescribe({.describe_headers = "Content-Base: rtsp://127.0.0.1/inner/\r\n"})));
    const RtspRequest wrong = camera.Sent();
    CHECK(wrong.uri == "rtsp://127.0.0.1/inner/trackID=1");
    CHECK(Is<Nothing>(camera.Answer(wrong, refusal)));
    const RtspRequest right = camera.Sent();
    CHECK(right.method == "SETUP");
    CHECK(right.uri == "rtsp://gateway:8554/cam1/trackID=1");
    // That one is tried once, too.
    CHECK(Is<rtsp_event::Failed>(camera.Answer(right, refusal)));
  }
}

}  // namespace
}  // namespace framewell
