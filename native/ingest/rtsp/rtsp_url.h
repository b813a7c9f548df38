// RTSP URLs (RFC 2326 3.2), and how cameras' control URLs are joined to their base (appendix C.1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace framewell {

class RtspHeaders;

// Raw bytes, not percent-encoded. Secret: never printed.
struct Credentials {
  std::string user;
  std::string password;

  bool empty() const { return user.empty() && password.empty(); }
};

struct RtspUrl {
  // Lower case: "rtsp" or "rtsps".
  std::string scheme;
  Credentials credentials;
  // Without the brackets of IPv6.
  std::string host;
  uint16_t port = 0;
  // What requests name: the URL as written, without credentials and fragment. Path and query may still hold a login, so
  // it is not for logs either.
  std::string uri;

  // Nothing when `text` has no host, no sensible port or another scheme. Userinfo ends at the last '@' of the
  // authority, so that one inside a password does no harm.
  static std::optional<RtspUrl> Parse(std::string_view text);
};

// Most redirects that are followed one after the other.
constexpr int kMaxRedirects = 5;

// Where `location` of a redirect leads. Credentials go along only to the same host.
std::optional<RtspUrl> ResolveRedirect(const RtspUrl& from, std::string_view location);

// The URL with `host`, a name or a numeric address, in place of its own, and with its credentials percent-encoded.
// Secret: never printed.
std::string FormatWithCredentials(const RtspUrl& url, const std::string& host);

// The base for control URLs: Content-Base, else Content-Location, else the request's URL. What is no URL (empty,
// without scheme, a path alone, the scheme twice) is put right or passed over.
std::string FindBaseUri(const RtspHeaders& headers, const RtspUrl& requested);

// The URL of a track or a session. `control` is the value of a=control: empty and `*` mean the base; an absolute URL
// stands for itself, without credentials; everything else is appended with a slash, behind a query too, as live555 and
// FFmpeg do it and cameras therefore expect it. (RFC 3986 would put it in place of the last path segment.)
std::string JoinControl(std::string_view base, std::string_view control);

}  // namespace framewell
