// Why a server that answers does not answer in RTSP.
#pragma once

#include <optional>
#include <string_view>

#include "engine_error.h"
#include "ingest/rtsp/rtsp_framer.h"

namespace framewell {

// So many of the first bytes that a server sends tell which protocol it speaks.
inline constexpr size_t kTellingProtocolBytes = 5;

// The cause to give up for, ERR_RTSP_PROTOCOL, when `junk` came instead of an answer: a message beyond the framer's
// bounds, or another protocol. Nothing when an answer may still come. `first_bytes` may be fewer than tell.
std::optional<EngineError> WhyNotRtsp(const RtspElement& junk, std::string_view first_bytes);

}  // namespace framewell
