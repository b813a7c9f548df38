#include "ingest/rtsp/keepalive.h"

#include <algorithm>

#include "ingest/rtsp/text.h"

namespace framewell {

void Keepalive::Offer(std::string_view public_methods) {
  while (!public_methods.empty()) {
    const std::string_view name = Trim(TakeUntil(public_methods, ','));
    for (size_t i = 0; i < kMethods.size(); ++i) {
      if (EqualsIgnoreCase(name, kMethods[i])) offered_[i] = true;
    }
  }
  current_ = 0;
  while (!IsOffered(current_)) ++current_;
}

bool Keepalive::TryNext() {
  if (current_ + 1 == kMethods.size()) return false;
  do {
    ++current_;
  } while (!IsOffered(current_));
  return true;
}

std::chrono::milliseconds Keepalive::Interval(std::optional<std::chrono::seconds> timeout) {
  // RFC 2326 12.37. A longer one is not waited for: the answer also shows that the camera is still there.
  constexpr std::chrono::seconds kDefault{60};
  // Half of it leaves time for a second try.
  return std::chrono::milliseconds(std::min(timeout.value_or(kDefault), kDefault)) / 2;
}

}  // namespace framewell
