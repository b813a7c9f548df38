// The Session header (RFC 2326 12.37).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace framewell {

struct SessionHeader {
  std::string id;
  // How long the camera keeps the session without hearing from us; nothing when it does not say.
  std::optional<std::chrono::seconds> timeout;
};

// Nothing when the id is empty.
std::optional<SessionHeader> ParseSessionHeader(std::string_view value);

}  // namespace framewell
