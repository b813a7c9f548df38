#include "ingest/rtsp/digest_auth.h"

extern "C" {
#include <libavutil/base64.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <libavutil/sha.h>
}

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <new>

#include "ingest/rtsp/text.h"

namespace framewell {
namespace {

using Scheme = AuthChallenge::Scheme;

constexpr std::string_view kBlank = " \t";
constexpr std::string_view kTokenEnd = " \t,=\"";

bool UsesSha256(Scheme scheme) {
  return scheme == Scheme::kDigestSha256 || scheme == Scheme::kDigestSha256Sess;
}

bool IsSession(Scheme scheme) {
  return scheme == Scheme::kDigestMd5Sess || scheme == Scheme::kDigestSha256Sess;
}

struct DigestAlgorithm {
  const char* name;
  Scheme scheme;
};
constexpr std::array<DigestAlgorithm, 4> kAlgorithms{{{"MD5", Scheme::kDigestMd5},
                                                      {"MD5-sess", Scheme::kDigestMd5Sess},
                                                      {"SHA-256", Scheme::kDigestSha256},
                                                      {"SHA-256-sess", Scheme::kDigestSha256Sess}}};

std::string Hex(std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string Md5(const std::string& text) {
  std::array<uint8_t, 16> digest{};
  av_md5_sum(digest.data(), reinterpret_cast<const uint8_t*>(text.data()), text.size());
  return Hex(digest);
}

struct FreeAv {
  void operator()(void* memory) const noexcept { av_free(memory); }
};

std::string Sha256(const std::string& text) {
  const std::unique_ptr<AVSHA, FreeAv> sha(av_sha_alloc());
  if (!sha) throw std::bad_alloc();
  std::array<uint8_t, 32> digest{};
  av_sha_init(sha.get(), 256);
  av_sha_update(sha.get(), reinterpret_cast<const uint8_t*>(text.data()), text.size());
  av_sha_final(sha.get(), digest.data());
  return Hex(digest);
}

std::string Base64(const std::string& text) {
  std::string encoded(AV_BASE64_SIZE(text.size()), '\0');
  av_base64_encode(encoded.data(), static_cast<int>(encoded.size()),
                   reinterpret_cast<const uint8_t*>(text.data()), static_cast<int>(text.size()));
  encoded.pop_back();  // AV_BASE64_SIZE counts the terminator.
  return encoded;
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

void SkipBlank(std::string_view& rest, std::string_view blank) {
  rest.remove_prefix(std::min(rest.find_first_not_of(blank), rest.size()));
}

std::string_view TakeToken(std::string_view& rest) {
  const std::string_view token = rest.substr(0, rest.find_first_of(kTokenEnd));
  rest.remove_prefix(token.size());
  return token;
}

// A value may end before `rest`: the header ends, or a comma or the next parameter follows. Cameras
// put quotes into quoted realms without escaping them, and forget commas.
bool ParameterEndsBefore(std::string_view rest) {
  SkipBlank(rest, kBlank);
  if (rest.empty() || rest.front() == ',') return true;
  constexpr size_t kLongestName = 32;
  rest = rest.substr(0, kLongestName);
  const std::string_view name = TakeToken(rest);
  SkipBlank(rest, kBlank);
  return !name.empty() && rest.starts_with('=');
}

std::string TakeQuoted(std::string_view& rest) {
  std::string value;
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"' && ParameterEndsBefore(rest)) break;
    const bool escape = c == '\\' && (rest.starts_with('"') || rest.starts_with('\\'));
    value += escape ? rest.front() : c;
    if (escape) rest.remove_prefix(1);
  }
  return value;
}

std::string TakeUnquoted(std::string_view& rest) {
  size_t end = 0;
  for (;;) {
    end = std::min(rest.find_first_of(" \t,", end), rest.size());
    if (ParameterEndsBefore(rest.substr(end))) break;
    end = rest.find_first_not_of(kBlank, end);
  }
  std::string value(Trim(rest.substr(0, end)));
  rest.remove_prefix(end);
  return value;
}

std::string TakeValue(std::string_view& rest) {
  SkipBlank(rest, kBlank);
  return rest.starts_with('"') ? TakeQuoted(rest) : TakeUnquoted(rest);
}

bool ListContains(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    if (EqualsIgnoreCase(Trim(TakeUntil(list, ',')), item)) return true;
  }
  return false;
}

// A challenge while its parameters come in.
class ChallengeBuilder {
 public:
  explicit ChallengeBuilder(std::string_view scheme)
      : basic_(EqualsIgnoreCase(scheme, "Basic")), digest_(EqualsIgnoreCase(scheme, "Digest")) {
    if (digest_) challenge_.scheme = Scheme::kDigestMd5;
  }

  void Set(std::string_view name, std::string value) {
    if (EqualsIgnoreCase(name, "realm")) {
      challenge_.realm = std::move(value);
    } else if (EqualsIgnoreCase(name, "nonce")) {
      challenge_.nonce = std::move(value);
    } else if (EqualsIgnoreCase(name, "opaque")) {
      challenge_.opaque = std::move(value);
    } else if (EqualsIgnoreCase(name, "stale")) {
      challenge_.stale = EqualsIgnoreCase(value, "true");
    } else if (EqualsIgnoreCase(name, "qop")) {
      challenge_.qop_auth = ListContains(value, "auth");
      // RFC 7616 3.4: auth-int alone would need the hash of a body as well.
      known_ = known_ && (challenge_.qop_auth || value.empty());
    } else if (EqualsIgnoreCase(name, "algorithm") && digest_) {
      SetAlgorithm(value);
    }
  }

  // Adds the challenge to `challenges` if it can be answered.
  void Finish(std::vector<AuthChallenge>& challenges) {
    if (basic_ || (digest_ && known_ && !challenge_.nonce.empty())) {
      challenges.push_back(std::move(challenge_));
    }
  }

 private:
  void SetAlgorithm(std::string_view name) {
    const auto found = std::find_if(kAlgorithms.begin(), kAlgorithms.end(), [&](const auto& known) {
      return EqualsIgnoreCase(known.name, name);
    });
    if (found == kAlgorithms.end()) {
      known_ = false;
      return;
    }
    challenge_.scheme = found->scheme;
    challenge_.names_algorithm = true;
  }

  const bool basic_;
  const bool digest_;
  bool known_ = true;
  AuthChallenge challenge_;
};

}  // namespace

std::vector<AuthChallenge> ParseChallenges(std::string_view header) {
  std::vector<AuthChallenge> challenges;
  std::optional<ChallengeBuilder> current;
  std::string_view rest = header;
  for (SkipBlank(rest, " \t,"); !rest.empty(); SkipBlank(rest, " \t,")) {
    const std::string_view token = TakeToken(rest);
    SkipBlank(rest, kBlank);
    if (rest.starts_with('=')) {
      rest.remove_prefix(1);
      std::string value = TakeValue(rest);
      if (current) current->Set(token, std::move(value));
    } else if (token.empty()) {
      rest.remove_prefix(1);  // A stray quote.
    } else {
      if (current) current->Finish(challenges);
      current.emplace(token);
    }
  }
  if (current) current->Finish(challenges);
  return challenges;
}

bool Authenticator::TakeChallenge(std::span<const std::string_view> headers) {
  std::optional<AuthChallenge> strongest;
  for (const std::string_view header : headers) {
    for (AuthChallenge& challenge : ParseChallenges(header)) {
      if (!strongest || challenge.scheme > strongest->scheme) strongest = std::move(challenge);
    }
  }
  if (!strongest) return false;
  // RFC 7616 3.4: the count belongs to the nonce.
  if (!challenge_ || challenge_->nonce != strongest->nonce) nonce_count_ = 0;
  challenge_ = std::move(strongest);
  return true;
}

std::string Authenticator::Authorize(std::string_view method, std::string_view uri) {
  if (challenge_->scheme == Scheme::kBasic) {
    return "Basic " + Base64(credentials_.user + ':' + credentials_.password);
  }
  return AuthorizeDigest(method, uri);
}

std::string Authenticator::AuthorizeDigest(std::string_view method, std::string_view uri) {
  const AuthChallenge& challenge = *challenge_;
  const auto hash = UsesSha256(challenge.scheme) ? Sha256 : Md5;

  std::string secret =
      hash(credentials_.user + ':' + challenge.realm + ':' + credentials_.password);
  if (IsSession(challenge.scheme))
    secret = hash(secret + ':' + challenge.nonce + ':' + client_nonce_);

  // RFC 7616 3.4: eight hexadecimal digits.
  std::array<char, 9> count{};
  if (challenge.qop_auth) std::snprintf(count.data(), count.size(), "%08x", ++nonce_count_);
  const std::string usage =
      challenge.qop_auth ? count.data() + (':' + client_nonce_) + ":auth:" : "";
  const std::string request = hash(std::string(method).append(":").append(uri));
  const std::string response = hash(secret + ':' + challenge.nonce + ':' + usage + request);

  std::string header = "Digest username=" + Quote(credentials_.user) +
                       ", realm=" + Quote(challenge.realm) + ", nonce=" + Quote(challenge.nonce) +
                       ", uri=" + Quote(uri) + ", response=\"" + response + '"';
  if (challenge.names_algorithm) {
    const auto named = std::find_if(kAlgorithms.begin(), kAlgorithms.end(), [&](const auto& known) {
      return known.scheme == challenge.scheme;
    });
    header += std::string(", algorithm=") + named->name;
  }
  if (challenge.opaque) header += ", opaque=" + Quote(*challenge.opaque);
  if (challenge.qop_auth) header += std::string(", qop=auth, nc=") + count.data();
  if (challenge.qop_auth || IsSession(challenge.scheme))
    header += ", cnonce=" + Quote(client_nonce_);
  return header;
}

}  // namespace framewell
