// Text for the RTSP tests, and a camera that answers by script.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "ingest/rtsp/rtsp_client.h"
#include "ingest/rtsp/rtsp_message.h"

namespace framewell {

inline std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// What the camera says, as far as it is of interest. Header lines end in CR LF.
struct CameraScript {
  std::string options_headers = "Public: OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, GET_PARAMETER\r\n";
  std::string describe_headers = "Content-Base: rtsp://camera/live/\r\nContent-Type: application/sdp\r\n";
  std::string sdp =
      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=control:*\r\n"
      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n";
  std::string setup_headers = "Session: 12345678;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
  std::string play_headers = "Session: 12345678\r\n";
};

// A client with its outbox and a clock that stands until it is moved.
class ScriptedCamera {
 public:
  explicit ScriptedCamera(std::string_view url = "rtsp://camera/live", RtspTransport transport = RtspTransport::kTcp,
                          std::optional<size_t> track = std::nullopt)
      : client(MakeOptions(url, transport, track), outbox) {}

  // The request that waits in the outbox, which has to be the only one.
  RtspRequest Sent() {
    const auto message = ParseRtspMessage(Bytes(outbox));
    outbox.clear();
    REQUIRE(message);
    REQUIRE(std::holds_alternative<RtspRequest>(*message));
    return std::get<RtspRequest>(*message);
  }

  // Feeds a whole message as it is.
  RtspEvent Say(std::string_view text) {
    const auto message = ParseRtspMessage(Bytes(text));
    REQUIRE(message);
    return client.OnMessage(*message, now);
  }

  // Answers the last request, whose number is `sent`'s.
  RtspEvent Answer(const RtspRequest& sent, std::string_view status, std::string_view headers = "",
                   std::string_view body = "") {
    std::string text = "RTSP/1.0 ";
    text.append(status).append("\r\nCSeq: ").append(sent.headers.Find("CSeq").value_or("?"));
    text.append("\r\n").append(headers).append("\r\n").append(body);
    return Say(text);
  }

  // The handshake by `script`, each up to the answer to its method.
  void Connect() { CHECK(std::holds_alternative<rtsp_event::Nothing>(client.OnConnected(now))); }
  RtspEvent UpToDescribe(const CameraScript& script) {
    Connect();
    options = Sent();
    CHECK(std::holds_alternative<rtsp_event::Nothing>(Answer(options, "200 OK", script.options_headers)));
    describe = Sent();
    return Answer(describe, "200 OK", script.describe_headers, script.sdp);
  }
  RtspEvent UpToSetup(const CameraScript& script) {
    REQUIRE(std::holds_alternative<rtsp_event::Nothing>(UpToDescribe(script)));
    setup = Sent();
    return Answer(setup, "200 OK", script.setup_headers);
  }
  RtspEvent UpToPlay(const CameraScript& script) {
    const RtspEvent event = UpToSetup(script);
    REQUIRE(std::holds_alternative<rtsp_event::TrackReady>(event));
    ready = std::get<rtsp_event::TrackReady>(event);
    play = Sent();
    return Answer(play, "200 OK", script.play_headers);
  }

  std::string outbox;
  RtspClient client;
  RtspClient::TimePoint now{};
  RtspRequest options;
  RtspRequest describe;
  RtspRequest setup;
  RtspRequest play;
  rtsp_event::TrackReady ready;

 private:
  static RtspClientOptions MakeOptions(std::string_view url, RtspTransport transport, std::optional<size_t> track) {
    RtspClientOptions options;
    options.url = *RtspUrl::Parse(url);
    options.transport = transport;
    options.client_ports = {5000, 5001};
    options.track = track;
    options.client_nonce = "cnonce";
    return options;
  }
};

template <typename Event>
bool Is(const RtspEvent& event) {
  return std::holds_alternative<Event>(event);
}

// Code and message of the failure that `event` has to be.
inline EngineError FailureOf(const RtspEvent& event) {
  REQUIRE(Is<rtsp_event::Failed>(event));
  return std::get<rtsp_event::Failed>(event).error;
}

inline std::string_view HeaderOf(const RtspRequest& request, std::string_view name) {
  return request.headers.Find(name).value_or("");
}

}  // namespace framewell
