// What the fuzz targets of RTP share: the input read as a series of packets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz_support.h"
#include "ingest/rtp/depacketizer.h"

namespace framewell {

class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }
  uint8_t Byte() { return rest_.empty() ? 0 : Bytes(1)[0]; }
  uint16_t U16() {
    const uint8_t high = Byte();
    return static_cast<uint16_t>(high << 8 | Byte());
  }
  // Up to `size` bytes, in a block of their own, so that reading beyond them is found.
  std::vector<uint8_t> Bytes(size_t size) {
    const auto taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  std::span<const uint8_t> rest_;
};

// What holds for every access unit.
inline void RequireUnit(const ByteBuffer& unit, AVCodecID codec) {
  const auto bytes = unit.data();
  Require(!bytes.empty() && bytes.size() <= AccessUnitBuilder::kMaxUnitBytes);
  for (size_t i = 0; i < ByteBuffer::kPadding; ++i) Require(bytes.data()[bytes.size() + i] == 0);
  if (codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC) {
    const uint8_t start_code[] = {0, 0, 0, 1};
    Require(std::equal(start_code, start_code + 4, bytes.data()));
  } else if (codec == AV_CODEC_ID_MJPEG) {
    Require(bytes.size() > 550 && bytes[0] == 0xff && bytes[1] == 0xd8);
    Require(bytes[bytes.size() - 2] == 0xff && bytes[bytes.size() - 1] == 0xd9);
  }
}

// Feeds payloads to the depacketizer of `format`. Each is two bytes of control - bit 7 of the first: marker, 6: a gap
// before it, 5: the next timestamp, 4 to 0 and the second byte: its length - and the payload.
class DepacketizerFuzz final : public AccessUnitListener {
 public:
  explicit DepacketizerFuzz(const PayloadFormat& format)
      : codec_(format.codec), depacketizer_(MakeDepacketizer(format)), builder_(*this, UnitTrailer(format.codec)) {}

  void Run(FuzzInput input) {
    RtpPacket packet;
    while (!input.empty()) {
      const uint16_t control = input.U16();
      const auto payload = input.Bytes(control & 0x1fff);
      if (control & 0x4000) {
        depacketizer_->OnGap();
        builder_.OnGap();
      }
      if (payload.empty()) continue;
      packet.marker = control & 0x8000;
      packet.timestamp += control & 0x2000 ? 3600 : 0;
      packet.payload = payload;
      builder_.BeginPacket({packet.timestamp, packet.timestamp, packet.timestamp});
      if (depacketizer_->Push(packet, builder_) != PayloadVerdict::kTaken) {
        builder_.MarkDamaged(UnitDamage::kContradiction);
      }
      builder_.EndPacket(packet.marker);
    }
  }

  void OnUnit(BuiltUnit unit) override { RequireUnit(unit.bytes, codec_); }
  void OnDamage(UnitDamage) override {}

 private:
  const AVCodecID codec_;
  const std::unique_ptr<Depacketizer> depacketizer_;
  AccessUnitBuilder builder_;
};

}  // namespace framewell
