// Puts a source's pieces together to access units.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "ingest/packet_source.h"

namespace framewell {

// RTP packets of one picture share one timestamp (RFC 6184 section 5.1, RFC 7798 section 4.1), and libavformat
// does not pass the marker bit on: a unit is known to be complete when a piece with another timestamp comes. Where
// libavformat's depacketizer puts whole pictures together itself, each piece is a unit. Not thread-safe.
class AccessUnitAssembler {
 public:
  // Larger units are a broken or hostile stream: an intra picture of 8K video at high quality stays below.
  static constexpr size_t kMaxUnitBytes = 16 * 1024 * 1024;

  explicit AccessUnitAssembler(AVCodecID codec);

  // Adds a piece. Returns the unit that is now known to be complete, if any. Throws EngineError ERR_RTSP_PROTOCOL
  // when a unit outgrows kMaxUnitBytes.
  std::optional<ReceivedUnit> Add(std::span<const uint8_t> piece, int64_t pts_us, int64_t received_unix_us);

  // Packets were lost before the next piece: neither the unit under way nor the one that the next piece belongs to
  // can be trusted to be whole, and neither is returned.
  void MarkLoss() {
    building_.Clear();
    loss_before_next_piece_ = true;
  }

 private:
  std::optional<ReceivedUnit> Finish();

  const bool pieces_are_units_;
  ByteBuffer building_;
  size_t last_size_ = 0;
  bool loss_before_next_piece_ = false;
  bool damaged_ = false;  // The unit under way lacks packets.
  int64_t pts_us_ = 0;
  int64_t received_unix_us_ = 0;
};

}  // namespace framewell
