#include "ingest/rtsp/rtsp_url.h"

#include <algorithm>
#include <tuple>

#include "ingest/rtsp/rtsp_message.h"
#include "ingest/rtsp/text.h"

namespace framewell {
namespace {

constexpr std::string_view kSchemeEnd = "://";

// "scheme://user:password@host:port" + "/path?query".
struct UrlParts {
  std::string_view scheme;
  std::string_view userinfo;
  std::string_view host_and_port;
  std::string_view path;
};

std::optional<UrlParts> SplitUrl(std::string_view text) {
  const size_t scheme_end = text.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) return std::nullopt;
  UrlParts parts;
  parts.scheme = text.substr(0, scheme_end);
  if (!EqualsIgnoreCase(parts.scheme, "rtsp") && !EqualsIgnoreCase(parts.scheme, "rtsps")) {
    return std::nullopt;
  }
  text.remove_prefix(scheme_end + kSchemeEnd.size());
  text = Trim(text.substr(0, text.find('#')));
  const size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  parts.host_and_port = text.substr(0, authority_end);
  parts.path = text.substr(authority_end);
  if (const size_t at = parts.host_and_port.rfind('@'); at != std::string_view::npos) {
    parts.userinfo = parts.host_and_port.substr(0, at);
    parts.host_and_port.remove_prefix(at + 1);
  }
  return parts;
}

std::string JoinWithoutUserinfo(const UrlParts& parts) {
  return std::string(parts.scheme).append(kSchemeEnd).append(parts.host_and_port).append(parts.path);
}

std::string PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size();
    const auto byte = escaped ? ParseUnsigned<uint8_t>(text.substr(i + 1, 2), 16) : std::nullopt;
    decoded += byte ? static_cast<char>(*byte) : text[i];
    if (byte) i += 2;
  }
  return decoded;
}

// RFC 3986 2.3: what is not unreserved.
std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 0xf]});
    }
  }
  return encoded;
}

// A server's idea of a base URL, as a URL; empty when it cannot be one.
std::string RepairBase(std::string_view base, const RtspUrl& requested) {
  base = Trim(base);
  if (base.empty()) return {};
  if (base.starts_with('/')) {
    const UrlParts parts = SplitUrl(requested.uri).value_or(UrlParts{});
    return std::string(parts.scheme).append(kSchemeEnd).append(parts.host_and_port).append(base);
  }
  // "rtsp://rtsp://host/".
  constexpr std::string_view kScheme = "rtsp://";
  while (base.starts_with(kScheme) && base.substr(kScheme.size()).starts_with(kScheme)) {
    base.remove_prefix(kScheme.size());
  }
  if (base.find(kSchemeEnd) == std::string_view::npos) {
    // "192.168.1.10:554/stream0/". A name without dot and port would rather be a path.
    const std::string_view host = SplitFirst(base, '/').first;
    if (host.find_first_of(".:") == std::string_view::npos) return {};
    return RepairBase(requested.scheme + "://" + std::string(base), requested);
  }
  const auto url = RtspUrl::Parse(base);
  return url ? url->uri : std::string();
}

}  // namespace

std::optional<RtspUrl> RtspUrl::Parse(std::string_view text) {
  const auto parts = SplitUrl(Trim(text));
  if (!parts) return std::nullopt;

  RtspUrl url;
  url.scheme = LowerCase(parts->scheme);
  url.uri = JoinWithoutUserinfo(*parts);
  const auto [user, password] = SplitFirst(parts->userinfo, ':');
  url.credentials = {PercentDecode(user), PercentDecode(password)};

  std::string_view host = parts->host_and_port;
  std::string_view port;
  if (host.starts_with('[')) {
    host.remove_prefix(1);
    const auto [address, after] = SplitFirst(host, ']');
    host = address;
    port = SplitFirst(after, ':').second;
  } else {
    std::tie(host, port) = SplitFirst(host, ':');
  }
  const bool blank = std::any_of(host.begin(), host.end(), [](char c) { return c >= 0 && c <= ' '; });
  if (host.empty() || blank) return std::nullopt;
  url.host = host;
  const auto number = ParseUnsigned<uint16_t>(port);
  if (!port.empty() && number.value_or(0) == 0) return std::nullopt;
  // RFC 7826 4.2 and 21.2.
  url.port = number.value_or(url.scheme == "rtsps" ? 322 : 554);
  return url;
}

std::optional<RtspUrl> ResolveRedirect(const RtspUrl& from, std::string_view location) {
  location = Trim(location);
  const bool relative = location.starts_with('/');
  auto to = RtspUrl::Parse(relative ? RepairBase(location, from) : std::string(location));
  if (to && to->credentials.empty() && EqualsIgnoreCase(to->host, from.host)) {
    to->credentials = from.credentials;
  }
  return to;
}

std::string FormatWithCredentials(const RtspUrl& url, const std::string& host) {
  std::string text = url.scheme + std::string(kSchemeEnd);
  if (!url.credentials.empty()) {
    text += PercentEncode(url.credentials.user) + ":" + PercentEncode(url.credentials.password) + "@";
  }
  const bool brackets = host.find(':') != std::string::npos;
  text += (brackets ? "[" + host + "]" : host) + ":" + std::to_string(url.port);
  return text.append(SplitUrl(url.uri).value_or(UrlParts{}).path);
}

std::string FindBaseUri(const RtspHeaders& headers, const RtspUrl& requested) {
  for (const std::string_view name : {"Content-Base", "Content-Location"}) {
    const auto value = headers.Find(name);
    std::string base = value ? RepairBase(*value, requested) : std::string();
    if (!base.empty()) return base;
  }
  return requested.uri;
}

std::string JoinControl(std::string_view base, std::string_view control) {
  control = Trim(control);
  if (control.empty() || control == "*") return std::string(base);
  if (const auto absolute = SplitUrl(control)) return JoinWithoutUserinfo(*absolute);
  if (control.starts_with('?')) return std::string(base).append(control);
  if (control.starts_with('/')) control.remove_prefix(1);
  return std::string(base).append(base.ends_with('/') ? "" : "/").append(control);
}

}  // namespace framewell
