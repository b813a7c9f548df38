// Logging in: Basic (RFC 7617) and Digest (RFC 7616, and RFC 2617 as most cameras have it).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/rtsp/rtsp_url.h"

namespace framewell {

// One challenge of a WWW-Authenticate header that can be answered.
struct AuthChallenge {
  // In the order of their strength.
  enum class Scheme : uint8_t { kBasic, kDigestMd5, kDigestMd5Sess, kDigestSha256, kDigestSha256Sess };
  Scheme scheme = Scheme::kBasic;
  // Without quotes and escapes.
  std::string realm;
  std::string nonce;
  std::optional<std::string> opaque;
  // `algorithm` is repeated only to servers that named it: RFC 2069 cameras refuse what they do not know.
  bool names_algorithm = false;
  // qop=auth is offered. Without it the answer has neither client nonce nor count (RFC 2069).
  bool qop_auth = false;
  // The nonce was too old, the password not wrong.
  bool stale = false;
};

// All challenges of one header value that can be answered. Unknown schemes and algorithms are left out.
std::vector<AuthChallenge> ParseChallenges(std::string_view header);

// Answers a server's challenges. Not thread-safe.
class Authenticator {
 public:
  // `client_nonce` should be random; it is sent as it is.
  Authenticator(Credentials credentials, std::string client_nonce)
      : credentials_(std::move(credentials)), client_nonce_(std::move(client_nonce)) {}

  bool has_credentials() const { return !credentials_.empty(); }
  bool challenged() const { return challenge_.has_value(); }

  // Takes the strongest of the challenges in the WWW-Authenticate headers of a 401. False when there is none that can
  // be answered.
  bool TakeChallenge(std::span<const std::string_view> headers);
  // The last challenge said that only the nonce had aged.
  bool stale() const { return challenge_ && challenge_->stale; }

  // The value of the Authorization header for one request; counts the nonce's uses. Needs challenged().
  std::string Authorize(std::string_view method, std::string_view uri);

 private:
  std::string AuthorizeDigest(std::string_view method, std::string_view uri);

  const Credentials credentials_;
  const std::string client_nonce_;
  std::optional<AuthChallenge> challenge_;
  uint32_t nonce_count_ = 0;
};

}  // namespace framewell
