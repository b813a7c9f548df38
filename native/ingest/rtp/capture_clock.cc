#include "ingest/rtp/capture_clock.h"

#include <cstdlib>

namespace framewell {
namespace {

// Seconds from 1900 to 1970 (RFC 868).
constexpr int64_t kNtpToUnixSeconds = 2'208'988'800;
// NTP's seconds wrap every 2^32 s, for the first time in 2036 (RFC 5905 section 6).
constexpr int64_t kEraUs = (int64_t{1} << 32) * 1'000'000;

int64_t NtpToUnixUs(uint64_t ntp_time) {
  const auto seconds = static_cast<int64_t>(ntp_time >> 32) - kNtpToUnixSeconds;
  const auto fraction_us = static_cast<int64_t>((ntp_time & 0xffff'ffff) * 1'000'000 >> 32);
  return seconds * 1'000'000 + fraction_us;
}

}  // namespace

void CaptureClock::OnSenderReport(const SenderReport& report, int64_t received_unix_us) {
  int64_t unix_us = NtpToUnixUs(report.ntp_time);
  if (received_unix_us - unix_us > kEraUs / 2) unix_us += kEraUs;
  if (std::abs(unix_us - received_unix_us) > kMaxOffsetUs) {
    mapping_.reset();
    return;
  }
  mapping_ = Mapping{report.ssrc, report.rtp_timestamp, unix_us, false};
}

std::optional<int64_t> CaptureClock::ToUnixUs(uint32_t ssrc, uint32_t timestamp) {
  if (!mapping_ || mapping_->ssrc != ssrc) return std::nullopt;
  const int64_t ticks = static_cast<int32_t>(timestamp - mapping_->timestamp);
  const int64_t distance_us = ticks * 1'000'000 / static_cast<int64_t>(clock_rate_);
  if (!mapping_->confirmed && std::abs(distance_us) > kMaxDistanceUs) {
    mapping_.reset();
    return std::nullopt;
  }
  mapping_->confirmed = true;
  const int64_t unix_us = mapping_->unix_us + distance_us;
  // Cameras that send one report and never again: the base follows before the difference leaves its 32 bits.
  if (std::abs(ticks) > int64_t{1} << 30) mapping_ = Mapping{ssrc, timestamp, unix_us, true};
  return unix_us;
}

}  // namespace framewell
