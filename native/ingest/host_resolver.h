// Looks host names up without blocking anybody: getaddrinfo() can take minutes and cannot be cancelled.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine_error.h"

namespace framewell {

struct HostAddress {
  sockaddr_storage address{};
  socklen_t length = 0;
};

// Addresses for TCP in the order in which they should be tried, the port filled in; or why there are none
// (ERR_RTSP_DNS).
struct LookUpResult {
  std::vector<HostAddress> addresses;
  std::optional<EngineError> error;
};

// Calls `done` once: before it returns for a numeric address, else on a thread of the look-up's own, which holds
// nothing but `done` and ends with the C library's time-out. It is the one thread in the engine that nobody waits
// for: a process may leave while a name server does not answer.
void LookUpHost(const std::string& host, uint16_t port, std::function<void(LookUpResult)> done);

// Nothing when `text` is not an IPv4 or IPv6 address.
std::optional<HostAddress> ParseNumericAddress(const std::string& text);

// Numeric, without the port.
std::string FormatAddress(const HostAddress& address);

// For a thread that may wait: the addresses of `host`, once there are any. Throws EngineError: ERR_RTSP_DNS when it has
// none, or not before `deadline`; ERR_STREAM_STOPPED when `stopped` turns true (asked every 50 ms).
std::vector<HostAddress> AwaitHost(const std::string& host, std::chrono::steady_clock::time_point deadline,
                                   const std::function<bool()>& stopped);

}  // namespace framewell
