// One camera on an ingest loop, against servers that say what they should not.
#include "ingest/net/rtsp_connection.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <string>

#include "ingest/camera_receiver.h"
#include "ingest/net/rtsp_receiver.h"
#include "ingest/rtsp/rtsp_message.h"
#include "loopback_server.h"
#include "rtsp_test_support.h"

namespace framewell {
namespace {

using namespace std::chrono_literals;

class EndSink final : public PacketSink {
 public:
  void OnConnected(StreamFormat) override {}
  void OnAccessUnit(ReceivedUnit) override {}
  void OnLoss(const std::string&) override {}
  void OnEnded(const EngineError& cause) noexcept override {
    const std::lock_guard lock(mutex_);
    cause_ = cause;
    ended_.notify_one();
  }
  EngineError Ended() {
    std::unique_lock lock(mutex_);
    REQUIRE(ended_.wait_for(lock, 10s, [this] { return cause_.has_value(); }));
    return *cause_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<EngineError> cause_;  // Guarded by mutex_.
};

// How a session with `url` ends.
EngineError EndOf(const std::string& url, std::chrono::milliseconds connect_timeout = 10s) {
  IngestLoops loops;
  RtspConnectionOptions options;
  options.url = *RtspUrl::Parse(url);
  options.connect_timeout = connect_timeout;
  EndSink sink;
  RtspReceiver receiver(options, loops);
  receiver.Start(sink);
  return sink.Ended();
}

std::string Reply(const std::string& request, std::string_view status, std::string_view rest = "\r\n") {
  const auto message = ParseRtspMessage(Bytes(request));
  const auto cseq = std::get<RtspRequest>(*message).headers.Find("CSeq").value_or("");
  return "RTSP/1.0 " + std::string(status) + "\r\nCSeq: " + std::string(cseq) + "\r\n" + std::string(rest);
}

TEST_CASE("a server that speaks another protocol is named at once") {
  struct {
    std::string answer;
    const char* name;
  } const cases[] = {
      {"HTTP/1.1 400 Bad Request\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", "HTTP"},
      {"SSH-2.0-OpenSSH_9.2p1\r\n", "SSH"},
      {"\x15\x03\x03" + std::string("\0\x02\x02\x32", 4), "TLS, which is what rtsps:// is for"},
      {"220 camera FTP server ready\r\n", "FTP or SMTP"},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    const LoopbackServer server([&](const std::string&) { return test.answer; });
    const EngineError ended = EndOf(server.url());
    CHECK(ended.code() == "ERR_RTSP_PROTOCOL");
    CHECK(ended.what() == "Expected RTSP at this port but the server answers " + std::string(test.name));
  }
}

TEST_CASE("what is no answer is told from no answer") {
  const LoopbackServer silent([](const std::string&) { return ""; });
  CHECK(EndOf(silent.url(), 200ms).code() == "ERR_RTSP_TIMEOUT");
  const LoopbackServer babbling([](const std::string&) { return "RTSP/1.0 ???\r\n\r\n"; });
  const EngineError ended = EndOf(babbling.url(), 200ms);
  CHECK(ended.code() == "ERR_RTSP_PROTOCOL");
  CHECK(ended.what() ==
        std::string("Expected the camera to answer within 200 ms but it sent 16 bytes that are no RTSP"));
}

TEST_CASE("a header and an SDP beyond the bounds end the session, and the bound is named") {
  const LoopbackServer wordy([](const std::string&) { return "RTSP/1.0 200 OK\r\nX: " + std::string(100'000, 'x'); });
  const EngineError header = EndOf(wordy.url());
  CHECK(header.code() == "ERR_RTSP_PROTOCOL");
  CHECK(header.what() == std::string("Expected an RTSP header of at most 65536 bytes but the camera's is larger"));

  const LoopbackServer large([](const std::string& request) {
    return Reply(request, "200 OK", request.starts_with("DESCRIBE") ? "Content-Length: 262145\r\n\r\nv=0" : "\r\n");
  });
  const EngineError sdp = EndOf(large.url());
  CHECK(sdp.code() == "ERR_RTSP_PROTOCOL");
  CHECK(sdp.what() == std::string("Expected an SDP of at most 262144 bytes but the camera's is larger"));
  CHECK(large.requests().size() == 2);
}

TEST_CASE("libavformat: an answer that is said to be huge is neither stored nor waited for") {
  const LoopbackServer server([](const std::string& request) {
    return Reply(request, "200 OK", request.starts_with("DESCRIBE") ? "Content-Length: 2000000000\r\n\r\nv=0" : "\r\n");
  });
  IngestLoops loops;
  CameraReceiverOptions options;
  options.ingest = CameraReceiverOptions::Ingest::kLibav;
  options.libav.url = *RtspUrl::Parse(server.url());
  options.libav.connect_timeout = 5s;
  EndSink sink;
  CameraReceiver receiver(options, loops);
  receiver.Start(sink);
  // Who waits for the rest ends with a time-out.
  CHECK(sink.Ended().code() == "ERR_RTSP_PROTOCOL");
}

TEST_CASE("redirects without end are told, and each of them is followed once") {
  std::string url;
  const LoopbackServer server(
      [&](const std::string& request) { return Reply(request, "302 Found", "Location: " + url + "\r\n\r\n"); });
  url = server.url();
  const EngineError ended = EndOf(url);
  CHECK(ended.code() == "ERR_RTSP_REDIRECT");
  CHECK(ended.what() == std::string("Expected at most 5 redirects but the camera answered with one more"));
  CHECK(server.requests().size() == 6);
}

// Nothing to what is an answer itself.
std::string AnswerByScript(const std::string& request, const CameraScript& script = {}) {
  const auto message = ParseRtspMessage(Bytes(request));
  if (std::holds_alternative<RtspResponse>(*message)) return "";
  const std::string& method = std::get<RtspRequest>(*message).method;
  if (method == "OPTIONS") return Reply(request, "200 OK", script.options_headers + "\r\n");
  if (method == "DESCRIBE") {
    return Reply(
        request, "200 OK",
        script.describe_headers + "Content-Length: " + std::to_string(script.sdp.size()) + "\r\n\r\n" + script.sdp);
  }
  if (method == "SETUP") return Reply(request, "200 OK", script.setup_headers + "\r\n");
  if (method == "PLAY") return Reply(request, "200 OK", script.play_headers + "\r\n");
  return Reply(request, "200 OK");
}

TEST_CASE("a session that the camera sends elsewhere ends, and the camera is told") {
  const LoopbackServer server([](const std::string& request) {
    const std::string answer = AnswerByScript(request);
    return request.starts_with("PLAY")
               ? answer + "REDIRECT rtsp://camera/live RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:1/\r\n\r\n"
               : answer;
  });
  CHECK(EndOf(server.url()).code() == "ERR_STREAM_ENDED");
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!server.requests().back().starts_with("TEARDOWN")) REQUIRE(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("a redirect at PLAY leaves the session that was set up") {
  const LoopbackServer elsewhere([](const std::string& request) { return Reply(request, "404 Not Found"); });
  const LoopbackServer server([&](const std::string& request) {
    return request.starts_with("PLAY") ? Reply(request, "302 Found", "Location: " + elsewhere.url() + "\r\n\r\n")
                                       : AnswerByScript(request);
  });
  CHECK(EndOf(server.url()).code() == "ERR_RTSP_NOT_FOUND");
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!server.requests().back().starts_with("TEARDOWN")) REQUIRE(std::chrono::steady_clock::now() < deadline);
}

}  // namespace
}  // namespace framewell
