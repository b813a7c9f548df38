// Looks a host name up with a deadline. getaddrinfo() itself can block for minutes and cannot be cancelled.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace framewell {

// Returns when `host` resolves. Throws EngineError: ERR_RTSP_DNS when it does not, or not before `deadline`;
// ERR_STREAM_STOPPED when `stopped` turns true (asked every 50 ms). A numeric address returns at once.
//
// A look-up that is given up goes on in a thread of its own, which holds nothing but its own state and ends
// with the C library's time-out; it is the one thread in the engine that nobody waits for.
void ResolveHost(const std::string& host, std::chrono::steady_clock::time_point deadline,
                 const std::function<bool()>& stopped);

}  // namespace framewell
