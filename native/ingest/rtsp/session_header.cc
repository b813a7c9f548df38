#include "ingest/rtsp/session_header.h"

#include <cstdint>

#include "ingest/rtsp/text.h"

namespace framewell {

std::optional<SessionHeader> ParseSessionHeader(std::string_view value) {
  SessionHeader session;
  session.id = Trim(TakeUntil(value, ';'));
  if (session.id.empty()) return std::nullopt;
  while (!value.empty()) {
    const auto [name, seconds] = SplitFirst(TakeUntil(value, ';'), '=');
    if (!EqualsIgnoreCase(Trim(name), "timeout")) continue;
    const uint32_t timeout = ParseUnsigned<uint32_t>(seconds).value_or(0);
    // 0 would mean a session that is over at once.
    if (timeout > 0) session.timeout = std::chrono::seconds(timeout);
  }
  return session;
}

}  // namespace framewell
