// When a picture was taken, by the camera's clock.
#pragma once

#include <cstdint>
#include <optional>

#include "ingest/rtp/rtcp.h"

namespace framewell {

// Maps RTP timestamps to Unix time by the newest sender report (RFC 3550 section 6.4.1). Not thread-safe.
class CaptureClock {
 public:
  // A camera whose clock is further off than any time zone was never set (it says 1970, or its uptime): its reports are
  // not a capture time.
  static constexpr int64_t kMaxOffsetUs = 24LL * 3600 * 1'000'000;

  // Reports come every few seconds (RFC 3550 section 6.2). One whose timestamp is further from the next picture's does
  // not count in the stream's timestamps: some cameras send 0, or another stream's.
  static constexpr int64_t kMaxDistanceUs = 60LL * 1'000'000;

  // `clock_rate` is above 0.
  explicit CaptureClock(uint32_t clock_rate) : clock_rate_(clock_rate) {}

  void OnSenderReport(const SenderReport& report, int64_t received_unix_us);
  // The timestamps have jumped: reports from before say nothing of what follows.
  void OnDiscontinuity() { mapping_.reset(); }
  // Absent until a usable report of the source `ssrc` came.
  std::optional<int64_t> ToUnixUs(uint32_t ssrc, uint32_t timestamp);

 private:
  struct Mapping {
    uint32_t ssrc;
    uint32_t timestamp;
    int64_t unix_us;
    // A picture has been near it.
    bool confirmed = false;
  };
  const uint32_t clock_rate_;
  std::optional<Mapping> mapping_;
};

}  // namespace framewell
