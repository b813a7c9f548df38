// Which protocol a server speaks that does not speak RTSP.
#pragma once

#include <optional>
#include <string_view>

namespace framewell {

// So many bytes tell.
inline constexpr size_t kTellingProtocolBytes = 5;

// By the first bytes that it sent, which may be fewer; in words that complete "the server answers …". Nothing when it
// may be RTSP, or is not known.
std::optional<std::string_view> NameOtherProtocol(std::string_view first_bytes);

}  // namespace framewell
