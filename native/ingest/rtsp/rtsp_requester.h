// Writes one side's messages of an RTSP session: numbers requests, logs in, names the session, answers the other side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine_error.h"
#include "ingest/rtsp/digest_auth.h"
#include "ingest/rtsp/rtsp_message.h"
#include "ingest/rtsp/session_header.h"

namespace framewell {

// One request waits for its answer at a time. Not thread-safe.
class RtspRequester {
 public:
  // Whole messages are appended to `outbox`, which must outlive the requester.
  RtspRequester(Credentials credentials, std::string client_nonce, std::string& outbox)
      : authenticator_(std::move(credentials), std::move(client_nonce)), outbox_(outbox) {}

  void Send(RtspRequest request);
  // The last request once more, with a new number: over a new connection, whose outbox begins empty.
  void SendOverNewConnection();
  // Takes the challenge of a 401 and sends the last request once more. Else says why that would not help.
  std::optional<EngineError> SendAuthorized(const RtspResponse& unauthorized);

  // Of the last request.
  const std::string& method() const { return request_.method; }
  bool challenged() const { return challenges_ > 0; }
  // False for a response that names another request.
  bool IsAnsweredBy(const RtspResponse& response) const;

  // Takes over what a response says of the session. The first id stays.
  void TakeSession(const RtspResponse& response);
  const std::optional<SessionHeader>& session() const { return session_; }
  void ForgetSession() { session_.reset(); }

  // Answers a request of the other side: 200 when it is one that needs nothing done, else 501. False when so much is
  // unsent that the other side cannot be reading.
  bool Answer(const RtspRequest& request);

 private:
  void Transmit();

  Authenticator authenticator_;
  std::string& outbox_;
  std::optional<SessionHeader> session_;
  uint32_t cseq_ = 0;
  RtspRequest request_;
  // 401s that `request_` got.
  int challenges_ = 0;
};

}  // namespace framewell
