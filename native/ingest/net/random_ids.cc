#include "ingest/net/random_ids.h"

#include <sys/random.h>

#include <array>

namespace framewell {

uint32_t RandomSsrc() {
  uint32_t ssrc = 0;
  static_cast<void>(getrandom(&ssrc, sizeof ssrc, 0));
  return ssrc;
}

std::string RandomNonce() {
  std::array<uint8_t, 8> bytes;
  static_cast<void>(getrandom(bytes.data(), bytes.size(), 0));
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace framewell
