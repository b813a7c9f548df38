#include "ingest/rtsp/rtsp_requester.h"

#include <algorithm>
#include <array>
#include <utility>

namespace framewell {
namespace {

constexpr const char* kUserAgent = "Framewell";

// What a server may ask of a client (RFC 2326 10, RFC 7826 13.5) and is content to hear "OK" to.
constexpr std::array<const char*, 7> kAnswered{"OPTIONS",  "ANNOUNCE", "GET_PARAMETER", "SET_PARAMETER",
                                               "REDIRECT", "TEARDOWN", "PLAY_NOTIFY"};

// A camera that asks and never reads the answers must not fill the memory.
constexpr size_t kMaxUnsent = 64 * 1024;

// A camera may let nonces age, but not at every answer.
constexpr int kMaxChallenges = 3;

std::string JoinMethods() {
  std::string list;
  for (const char* method : kAnswered) list.append(list.empty() ? "" : ", ").append(method);
  return list;
}

EngineError Unauthorized(const std::string& message) { return {"ERR_RTSP_UNAUTHORIZED", message}; }

}  // namespace

void RtspRequester::Send(RtspRequest request) {
  request_ = std::move(request);
  challenges_ = 0;
  Transmit();
}

void RtspRequester::SendOverNewConnection() {
  outbox_.clear();
  Transmit();
}

std::optional<EngineError> RtspRequester::SendAuthorized(const RtspResponse& unauthorized) {
  ++challenges_;
  if (!authenticator_.has_credentials()) {
    return Unauthorized("Expected a stream without login, as no user is set, but the camera answered 401");
  }
  if (!authenticator_.TakeChallenge(unauthorized.headers.FindAll("WWW-Authenticate"))) {
    return Unauthorized("Expected a Basic or Digest challenge but the camera's 401 has none known");
  }
  // The first 401 may be due to no login at all or to the nonce of an earlier answer. A second one means a wrong
  // password, and further tries would lock the account on some cameras.
  const bool aged = authenticator_.stale() && challenges_ <= kMaxChallenges;
  if (challenges_ > 1 && !aged) {
    return Unauthorized("Expected the camera to accept the user and password but it answered 401");
  }
  Transmit();
  return std::nullopt;
}

bool RtspRequester::IsAnsweredBy(const RtspResponse& response) const {
  return CSeqOf(response.headers).value_or(cseq_) == cseq_;
}

void RtspRequester::TakeSession(const RtspResponse& response) {
  const auto header = ParseSessionHeader(response.headers.Find("Session").value_or(""));
  if (!header) return;
  if (!session_) session_ = header;
  if (session_->id == header->id && header->timeout) session_->timeout = header->timeout;
}

bool RtspRequester::Answer(const RtspRequest& request) {
  if (outbox_.size() > kMaxUnsent) return false;
  const bool known = std::find(kAnswered.begin(), kAnswered.end(), request.method) != kAnswered.end();
  RtspResponse response;
  response.status = known ? 200 : 501;
  if (const auto cseq = CSeqOf(request.headers)) {
    response.headers.Add("CSeq", std::to_string(*cseq));
  }
  if (session_) response.headers.Add("Session", session_->id);
  if (request.method == "OPTIONS") response.headers.Add("Public", JoinMethods());
  outbox_ += FormatRtspResponse(response);
  return true;
}

void RtspRequester::Transmit() {
  RtspRequest request = request_;
  request.headers.Add("CSeq", std::to_string(++cseq_));
  request.headers.Add("User-Agent", kUserAgent);
  if (session_) request.headers.Add("Session", session_->id);
  if (authenticator_.challenged()) {
    request.headers.Add("Authorization", authenticator_.Authorize(request.method, request.uri));
  }
  outbox_ += FormatRtspRequest(request);
}

}  // namespace framewell
