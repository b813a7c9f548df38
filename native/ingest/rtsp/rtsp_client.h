// The client's side of an RTSP session for one camera, without sockets, threads and clocks: OPTIONS, DESCRIBE, SETUP of
// one video track, PLAY, keepalive, TEARDOWN (RFC 2326 10).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine_error.h"
#include "ingest/rtsp/keepalive.h"
#include "ingest/rtsp/rtp_delivery.h"
#include "ingest/rtsp/rtsp_message.h"
#include "ingest/rtsp/rtsp_requester.h"
#include "ingest/rtsp/rtsp_url.h"
#include "ingest/rtsp/sdp.h"
#include "ingest/rtsp/transport_header.h"

namespace framewell {

struct RtspClientOptions {
  RtspUrl url;
  RtspTransport transport = RtspTransport::kTcp;
  // Of our sockets; for kUdp only.
  RtpPortPair client_ports;
  // Which of the camera's video tracks, from 1; the first that we can depacketize when absent.
  std::optional<size_t> track;
  // Longest wait for each answer.
  std::chrono::milliseconds answer_timeout{10'000};
  // Longest wait for the answer to TEARDOWN.
  std::chrono::milliseconds teardown_timeout{300};
  // Random; for digest with qop.
  std::string client_nonce;
};

// What happened: at most one thing with each input.
namespace rtsp_event {

struct Nothing {};
// SETUP was answered and PLAY is in the outbox: be ready to receive before sending it.
struct TrackReady {
  SdpVideoTrack track;
  RtpDelivery delivery;
  // As the Transport header has it; nothing when the camera does not say or says 0. Cameras lie: a hint only.
  std::optional<uint32_t> ssrc;
};
// PLAY was answered. Packets may have come before.
struct Playing {
  // Of the first packet, by RTP-Info. Cameras lie: a hint only.
  std::optional<uint16_t> first_sequence;
  std::optional<uint32_t> first_timestamp;
};
// The stream is elsewhere: open `url`, whose scheme may be rtsps, with a new client. Counting hops is the caller's.
struct Redirect {
  RtspUrl url;
};
// The camera closed the connection instead of waiting for the answer to its 401: connect again and call OnConnected().
struct Reconnect {};
// The camera is fine, but not for us (codec, SRTP): libavformat may take it. `reason` is for people.
struct Declined {
  std::string reason;
};
struct Failed {
  EngineError error;
};
// After Teardown(): the camera answered, closed the connection or let the time pass.
struct TornDown {};

}  // namespace rtsp_event

using RtspEvent = std::variant<rtsp_event::Nothing, rtsp_event::TrackReady, rtsp_event::Playing, rtsp_event::Redirect,
                               rtsp_event::Reconnect, rtsp_event::Declined, rtsp_event::Failed, rtsp_event::TornDown>;

// After Redirect, Declined and Failed only Teardown() makes it speak again; after TornDown nothing does. Never throws
// on what a camera sends. Not thread-safe.
class RtspClient {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Whole messages to send are appended to `outbox`, which must outlive the client. The caller takes off the front what
  // it has sent, and may append packets.
  RtspClient(RtspClientOptions options, std::string& outbox);

  // The connection stands; also the new one after Reconnect. Empties the outbox: what is left of it was for another.
  [[nodiscard]] RtspEvent OnConnected(TimePoint now);
  [[nodiscard]] RtspEvent OnMessage(const RtspMessage& message, TimePoint now);
  // The camera closed the connection, or it broke.
  [[nodiscard]] RtspEvent OnClosed();
  // To be called at NextDeadline(); earlier does no harm.
  [[nodiscard]] RtspEvent OnTick(TimePoint now);
  // TimePoint::max() when there is nothing to wait for.
  TimePoint NextDeadline() const { return deadline_; }

  // Ends the session. TornDown follows, by the next OnTick() at once when the camera has no session of ours.
  void Teardown(TimePoint now);

 private:
  enum class State : uint8_t {
    kIdle,
    kOptions,
    kDescribe,
    kSetup,
    kPlay,
    kPlaying,
    kTearingDown,
    kDone,
  };

  void Send(State state, RtspRequest request, TimePoint now);
  void SendDescribe(TimePoint now);
  void SendSetup(TimePoint now);
  void SendPlay(TimePoint now);
  void SendKeepalive(TimePoint now);
  TimePoint NextKeepalive(TimePoint now) const;

  RtspEvent OnResponse(const RtspResponse& response, TimePoint now);
  RtspEvent OnHandshakeAnswer(const RtspResponse& response, TimePoint now);
  RtspEvent OnDescribed(const RtspResponse& response, TimePoint now);
  RtspEvent OnSetUp(const RtspResponse& response, TimePoint now);
  RtspEvent OnPlayed(const RtspResponse& response, TimePoint now);
  RtspEvent OnRefused(const RtspResponse& response, TimePoint now);
  RtspEvent OnKeepaliveAnswer(const RtspResponse& response, TimePoint now);
  // The camera asks us.
  RtspEvent OnRequest(const RtspRequest& request);

  RtspEvent Redirected(const RtspHeaders& headers);
  RtspEvent Finish(RtspEvent event);
  RtspEvent Fail(const char* code, const std::string& message);

  const RtspClientOptions options_;
  RtspRequester requester_;
  Keepalive keepalive_;
  bool keepalive_unanswered_ = false;
  bool reconnected_ = false;

  State state_ = State::kIdle;
  TimePoint deadline_ = TimePoint::max();

  SdpVideoTrack track_;
  std::string track_uri_;
  // Of the session as a whole (RFC 2326 C.3: aggregate control).
  std::string session_uri_;
};

}  // namespace framewell
