#include "ingest/rtsp/rtsp_client.h"

#include <algorithm>
#include <utility>

#include "ingest/rtsp/rtp_info_header.h"

namespace framewell {
namespace {

using rtsp_event::Nothing;

// Channels to ask for; the camera may choose others.
constexpr RtpPortPair kChannels{0, 1};

RtspRequest Request(std::string method, std::string uri) {
  RtspRequest request;
  request.method = std::move(method);
  request.uri = std::move(uri);
  return request;
}

bool IsSuccess(int status) { return status >= 200 && status < 300; }

// RFC 2326 11.3. 304 is about caches.
bool IsRedirect(int status) { return status >= 300 && status < 400 && status != 304; }

const char* StatusCode(int status) {
  switch (status) {
    case 403:
      return "ERR_RTSP_FORBIDDEN";
    case 404:
      return "ERR_RTSP_NOT_FOUND";
    // Not Enough Bandwidth: all the sessions that the camera has are taken.
    case 453:
      return "ERR_RTSP_BUSY";
    default:
      return "ERR_RTSP_STATUS";
  }
}

// Why another receiver has to take the track, if one has to.
std::optional<std::string> ReasonToDecline(const SdpVideoTrack& track) {
  if (track.secure) return "Expected RTP/AVP but the camera encrypts its video (SRTP)";
  if (track.codec != RtpCodec::kOther) return std::nullopt;
  const std::string encoding = track.encoding.empty() ? "an unnamed codec" : track.encoding;
  return "Expected H264, H265, JPEG or MP4V-ES but the camera sends " + encoding;
}

// The entry of our track. A single one is it whatever URL it names: only one track was set up.
RtpInfo FindRtpInfo(const RtspResponse& response, const SdpVideoTrack& track) {
  const auto streams = ParseRtpInfo(response.headers.Find("RTP-Info").value_or(""));
  const auto ours = std::find_if(streams.begin(), streams.end(), [&](const RtpInfo& info) {
    return streams.size() == 1 || (!track.control.empty() && info.url.ends_with(track.control));
  });
  return ours == streams.end() ? RtpInfo{} : *ours;
}

}  // namespace

RtspClient::RtspClient(RtspClientOptions options, std::string& outbox)
    : options_(std::move(options)),
      requester_(options_.url.credentials, options_.client_nonce, outbox),
      session_uri_(options_.url.uri) {}

// Inputs

RtspEvent RtspClient::OnConnected(TimePoint now) {
  if (state_ == State::kIdle) {
    Send(State::kOptions, Request("OPTIONS", options_.url.uri), now);
  } else {
    requester_.SendOverNewConnection();
    deadline_ = now + options_.answer_timeout;
  }
  return Nothing{};
}

RtspEvent RtspClient::OnMessage(const RtspMessage& message, TimePoint now) {
  if (state_ == State::kIdle || state_ == State::kDone) return Nothing{};
  if (const auto* response = std::get_if<RtspResponse>(&message)) return OnResponse(*response, now);
  return OnRequest(std::get<RtspRequest>(message));
}

RtspEvent RtspClient::OnClosed() {
  switch (state_) {
    case State::kIdle:
    case State::kDone:
      return Nothing{};
    case State::kTearingDown:
      return Finish(rtsp_event::TornDown{});
    case State::kPlaying:
      return Fail("ERR_STREAM_ENDED", "Expected more packets but the camera closed the connection");
    case State::kOptions:
    case State::kDescribe:
      if (!requester_.challenged() || std::exchange(reconnected_, true)) break;
      deadline_ = TimePoint::max();
      return rtsp_event::Reconnect{};
    case State::kSetup:
    case State::kPlay:
      break;
  }
  return Fail("ERR_RTSP_PROTOCOL",
              "Expected an answer to " + requester_.method() + " but the camera closed the connection");
}

RtspEvent RtspClient::OnTick(TimePoint now) {
  if (now < deadline_) return Nothing{};
  if (state_ == State::kTearingDown) return Finish(rtsp_event::TornDown{});
  if (state_ == State::kPlaying) {
    if (keepalive_unanswered_) keepalive_.TryNext();
    SendKeepalive(now);
    return Nothing{};
  }
  return Fail("ERR_RTSP_TIMEOUT", "Expected an answer to " + requester_.method() + " within " +
                                      std::to_string(options_.answer_timeout.count()) + " ms but received none");
}

void RtspClient::Teardown(TimePoint now) {
  if (state_ == State::kTearingDown) return;
  state_ = State::kTearingDown;
  deadline_ = now;
  if (!requester_.session()) return;
  requester_.Send(Request("TEARDOWN", session_uri_));
  requester_.ForgetSession();
  deadline_ = now + options_.teardown_timeout;
}

// Requests

void RtspClient::Send(State state, RtspRequest request, TimePoint now) {
  requester_.Send(std::move(request));
  state_ = state;
  reconnected_ = false;
  deadline_ = now + options_.answer_timeout;
}

void RtspClient::SendDescribe(TimePoint now) {
  RtspRequest request = Request("DESCRIBE", options_.url.uri);
  request.headers.Add("Accept", "application/sdp");
  Send(State::kDescribe, std::move(request), now);
}

void RtspClient::SendSetup(TimePoint now) {
  const bool tcp = options_.transport == RtspTransport::kTcp;
  const RtpPortPair ports = tcp ? kChannels : options_.client_ports;
  RtspRequest request = Request("SETUP", track_uri_);
  request.headers.Add("Transport", FormatTransportRequest(options_.transport, ports));
  Send(State::kSetup, std::move(request), now);
}

void RtspClient::SendPlay(TimePoint now) {
  RtspRequest request = Request("PLAY", session_uri_);
  // Optional (RFC 2326 10.5), but Parrot's server refuses PLAY without it.
  request.headers.Add("Range", "npt=0.000-");
  Send(State::kPlay, std::move(request), now);
}

void RtspClient::SendKeepalive(TimePoint now) {
  Send(State::kPlaying, Request(keepalive_.method(), session_uri_), now);
  keepalive_unanswered_ = true;
  deadline_ = NextKeepalive(now);
}

RtspClient::TimePoint RtspClient::NextKeepalive(TimePoint now) const {
  const auto& session = requester_.session();
  return now + Keepalive::Interval(session ? session->timeout : std::nullopt);
}

// Answers

RtspEvent RtspClient::OnResponse(const RtspResponse& response, TimePoint now) {
  if (response.status < 200) return Nothing{};  // 100 Continue: the answer is still to come.
  switch (state_) {
    case State::kTearingDown:
      // The answer to a keepalive may have been on its way.
      if (!requester_.IsAnsweredBy(response)) return Nothing{};
      return Finish(rtsp_event::TornDown{});
    case State::kPlaying:
      return OnKeepaliveAnswer(response, now);
    default:
      return OnHandshakeAnswer(response, now);
  }
}

// CSeq is not looked at: one request waits at a time, and cameras leave the number out or get it wrong.
RtspEvent RtspClient::OnHandshakeAnswer(const RtspResponse& response, TimePoint now) {
  if (response.status == 401) {
    const auto error = requester_.SendAuthorized(response);
    if (error) return Finish(rtsp_event::Failed{*error});
    deadline_ = now + options_.answer_timeout;
    return Nothing{};
  }
  if (IsRedirect(response.status)) return Redirected(response.headers);
  if (state_ == State::kOptions) {
    // Only a courtesy: a camera that does not know OPTIONS may still know the stream.
    keepalive_.Offer(response.headers.Find("Public").value_or(""));
    SendDescribe(now);
    return Nothing{};
  }
  if (!IsSuccess(response.status)) return OnRefused(response, now);
  if (state_ == State::kDescribe) return OnDescribed(response, now);
  return state_ == State::kSetup ? OnSetUp(response, now) : OnPlayed(response, now);
}

RtspEvent RtspClient::OnDescribed(const RtspResponse& response, TimePoint now) {
  // Content-Type is not looked at: some servers leave it out.
  const auto sdp = ParseSdp(response.body);
  if (!sdp) {
    return Fail("ERR_RTSP_PROTOCOL", "Expected an SDP in the answer to DESCRIBE but found none");
  }
  const SdpVideoTrack* track = ChooseVideoTrack(*sdp, options_.track);
  if (!track) {
    const std::string wanted = options_.track ? "video track " + std::to_string(*options_.track) : "a video track";
    return Fail("ERR_RTSP_NO_VIDEO",
                "Expected " + wanted + " but the camera's SDP has " + std::to_string(sdp->video_tracks.size()));
  }
  if (auto reason = ReasonToDecline(*track)) {
    return Finish(rtsp_event::Declined{std::move(*reason)});
  }
  track_ = *track;
  session_uri_ = JoinControl(FindBaseUri(response.headers, options_.url), sdp->control);
  track_uri_ = JoinControl(session_uri_, track_.control);
  SendSetup(now);
  return Nothing{};
}

RtspEvent RtspClient::OnSetUp(const RtspResponse& response, TimePoint now) {
  requester_.TakeSession(response);
  const auto transport = ParseTransportHeader(response.headers.Find("Transport").value_or(""));
  auto delivery = AgreeDelivery(options_.transport, kChannels, transport, track_);
  if (!delivery) {
    return Fail("ERR_RTSP_PROTOCOL", std::string("Expected RTP over ") + NameOf(options_.transport) +
                                         " but the camera chose another transport");
  }
  SendPlay(now);
  const bool names_ssrc = transport.ssrc.value_or(0) != 0;
  return rtsp_event::TrackReady{track_, std::move(*delivery), names_ssrc ? transport.ssrc : std::nullopt};
}

RtspEvent RtspClient::OnPlayed(const RtspResponse& response, TimePoint now) {
  requester_.TakeSession(response);
  state_ = State::kPlaying;
  deadline_ = NextKeepalive(now);
  RtpInfo info = FindRtpInfo(response, track_);
  // Hikvision always says 0 and Tapo 1, whatever the packets have.
  if (info.sequence.value_or(0) <= 1) info.sequence.reset();
  return rtsp_event::Playing{info.sequence, info.timestamp};
}

RtspEvent RtspClient::OnRefused(const RtspResponse& response, TimePoint now) {
  const int status = response.status;
  if (state_ == State::kSetup && (status == 400 || status == 404)) {
    // Content-Base may be wrong; the URL that was asked for is right.
    std::string other = JoinControl(options_.url.uri, track_.control);
    if (other != track_uri_) {
      track_uri_ = std::move(other);
      session_uri_ = options_.url.uri;
      SendSetup(now);
      return Nothing{};
    }
  }
  const std::string expected = status == 461 ? std::string("RTP over ") + NameOf(options_.transport) : "status 200";
  return Fail(StatusCode(status), "Expected " + expected + " for " + requester_.method() + " but the camera answered " +
                                      DescribeRtspStatus(status));
}

RtspEvent RtspClient::OnKeepaliveAnswer(const RtspResponse& response, TimePoint now) {
  if (!std::exchange(keepalive_unanswered_, false)) return Nothing{};
  if (IsSuccess(response.status)) return Nothing{};
  if (response.status == 401 && !requester_.SendAuthorized(response)) {
    keepalive_unanswered_ = true;
    deadline_ = NextKeepalive(now);
    return Nothing{};
  }
  // What the camera refuses may not have kept the session alive.
  if (keepalive_.TryNext()) {
    SendKeepalive(now);
    return Nothing{};
  }
  // Any other refusal is left to the watch over the packets: cameras that know no keepalive play on.
  if (response.status != 454) return Nothing{};
  return Fail("ERR_STREAM_ENDED",
              "Expected the session to go on but the camera answered " + DescribeRtspStatus(response.status));
}

RtspEvent RtspClient::OnRequest(const RtspRequest& request) {
  const bool answered = requester_.Answer(request);
  if (state_ == State::kTearingDown) return Nothing{};
  if (!answered) {
    return Fail("ERR_RTSP_PROTOCOL", "Expected the camera to read answers but it only sends requests");
  }
  if (request.method == "REDIRECT") return Redirected(request.headers);
  if (request.method != "TEARDOWN") return Nothing{};
  return Fail("ERR_STREAM_ENDED", "Expected more packets but the camera sent TEARDOWN");
}

// Endings

RtspEvent RtspClient::Redirected(const RtspHeaders& headers) {
  auto url = ResolveRedirect(options_.url, headers.Find("Location").value_or(""));
  if (url) return Finish(rtsp_event::Redirect{std::move(*url)});
  return Fail("ERR_RTSP_REDIRECT", "Expected an RTSP URL in the camera's redirect but found none");
}

RtspEvent RtspClient::Finish(RtspEvent event) {
  state_ = State::kDone;
  deadline_ = TimePoint::max();
  return event;
}

RtspEvent RtspClient::Fail(const char* code, const std::string& message) {
  return Finish(rtsp_event::Failed{EngineError(code, message)});
}

}  // namespace framewell
