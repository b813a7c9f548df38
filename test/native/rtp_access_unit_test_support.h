// An access unit builder that is told packets by letters and tells units by letters.
#pragma once

#include "rtp_test_support.h"

namespace framewell::testing {

// Units as the letters of their parts, each in brackets, a trailing "k" for keyframes; "!" for damage, "!!" for one
// that is too large.
class BuilderUnderTest final : public AccessUnitListener {
 public:
  explicit BuilderUnderTest(std::span<const uint8_t> trailer = {}) : builder(*this, trailer) {}

  // One packet: "b" before a picture, "S" the start of one, "m" more of it, "a" after it, "x" anywhere, each a part;
  // "-" more bytes of the part before, whose end is not yet there when the packet ends with "~".
  void Packet(uint32_t timestamp, bool marker, const std::string& parts) {
    builder.BeginPacket({timestamp, timestamp * 10, ++packets});
    for (const char part : parts) {
      if (part == '~') continue;
      if (part == 'b') builder.StartPart(UnitPart::kBeforePicture);
      if (part == 'S') builder.StartPart(UnitPart::kPictureStart);
      if (part == 'm') builder.StartPart(UnitPart::kPictureMore);
      if (part == 'a') builder.StartPart(UnitPart::kAfterPicture);
      if (part == 'x') builder.StartPart(UnitPart::kAnywhere);
      builder.Append(Bytes{static_cast<uint8_t>(part)});
      if (parts.back() != '~') builder.EndPart();
    }
    builder.EndPacket(marker);
  }
  std::string TakeLog() { return std::exchange(log_, {}); }

  void OnUnit(BuiltUnit unit) override {
    const auto bytes = unit.bytes.data();
    log_ += "[" + std::string(bytes.begin(), bytes.end()) + "]" + (unit.keyframe ? "k" : "");
    last_time = unit.time;
  }
  void OnDamage(UnitDamage damage) override { log_ += damage == UnitDamage::kTooLarge ? "!!" : "!"; }

  AccessUnitBuilder builder;
  PacketTime last_time;
  int64_t packets = 0;

 private:
  std::string log_;
};

struct Sent {
  uint32_t timestamp;
  bool marker;
  const char* parts;
};

}  // namespace framewell::testing
