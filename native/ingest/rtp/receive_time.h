// When a packet arrived, on the two clocks that matter.
#pragma once

#include <cstdint>

namespace framewell {

// Taken by the loop once for all packets of one read. The monotonic clock drives time-outs, jitter and restamping,
// which a change of the system's time must not disturb; the Unix time is what viewers are told.
struct ReceiveTime {
  int64_t monotonic_us = 0;
  int64_t unix_us = 0;
};

}  // namespace framewell
