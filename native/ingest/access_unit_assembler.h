// Puts what libavformat's depacketizers give together to access units.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "ingest/packet_source.h"
#include "ingest/rtp/access_unit_builder.h"
#include "ingest/rtp/mpeg4_depacketizer.h"
#include "ingest/rtp/nal_depacketizer.h"

namespace framewell {

// libavformat gives H.264, H.265 and MPEG-4 as the RTP packets had them, without the marker bit. Timestamps alone would
// not do: cameras give two pictures the same one. So the bytes tell where a picture begins, as they do for our own
// receiver where markers cannot be trusted. The two fields of a frame, which may share a timestamp, are two units
// (H.264 3.1: an access unit has one coded picture, and a field is one); libavcodec pairs them.
//
// A JPEG comes whole (libavformat's rtpdec_jpeg.c). Of any other codec a new timestamp begins a unit. Not thread-safe.
class AccessUnitAssembler : private AccessUnitListener {
 public:
  // `sink`, which must outlive the assembler, hears of units and of those that cannot be whole.
  AccessUnitAssembler(const AVCodecParameters& parameters, PacketSink& sink);

  // Takes the next packet. True: it showed that a unit is complete, and the sink has got that.
  bool Add(std::span<const uint8_t> packet, const PacketTime& time);
  // Packets were lost before the next one.
  void MarkLoss();

 private:
  void OnUnit(BuiltUnit unit) override;
  void OnDamage(UnitDamage damage) override;

  PayloadVerdict Push(std::span<const uint8_t> packet, uint32_t timestamp);

  const AVCodecID codec_;
  PacketSink& sink_;
  AccessUnitBuilder builder_;
  // For codecs whose bytes tell where a picture begins; at most one of the two.
  std::unique_ptr<NalDepacketizer> nals_;
  std::unique_ptr<Mpeg4Depacketizer> vops_;
  std::optional<uint32_t> timestamp_;
  bool unit_came_ = false;
};

}  // namespace framewell
