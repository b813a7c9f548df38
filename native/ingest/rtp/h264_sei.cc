#include "ingest/rtp/h264_sei.h"

#include <optional>

namespace framewell {
namespace {

constexpr uint32_t kRecoveryPoint = 6;

// The bytes of a NAL unit without emulation prevention (H.264 7.4.1.1).
class RbspReader {
 public:
  explicit RbspReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  std::optional<uint8_t> Next() {
    if (zeros_ >= 2 && !rest_.empty() && rest_[0] == 3) {
      rest_ = rest_.subspan(1);
      zeros_ = 0;
    }
    if (rest_.empty()) return std::nullopt;
    const uint8_t byte = rest_[0];
    rest_ = rest_.subspan(1);
    zeros_ = byte == 0 ? zeros_ + 1 : 0;
    return byte;
  }

  // A number in bytes of 255 and one that is less (7.3.2.3.1).
  std::optional<uint32_t> NextNumber() {
    uint32_t number = 0;
    while (const auto byte = Next()) {
      number += *byte;
      if (*byte != 0xff) return number;
    }
    return std::nullopt;
  }

 private:
  std::span<const uint8_t> rest_;
  size_t zeros_ = 0;
};

}  // namespace

bool HasRecoveryPoint(std::span<const uint8_t> sei_nal) {
  if (sei_nal.empty()) return false;
  RbspReader reader(sei_nal.subspan(1));
  for (;;) {
    const auto type = reader.NextNumber();
    const auto size = reader.NextNumber();
    // The trailing bits of the NAL unit read as a type without a size.
    if (!type || !size) return false;
    if (*type == kRecoveryPoint) return *size > 0;
    for (uint32_t i = 0; i < *size; ++i) {
      if (!reader.Next()) return false;
    }
  }
}

}  // namespace framewell
