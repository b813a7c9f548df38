#include "ingest/access_unit_assembler.h"

#include <string>
#include <utility>

namespace framewell {

// RFC 2435 fragments one JPEG over packets and libavformat's rtpdec_jpeg.c rebuilds the whole file; its
// depacketizers for H.264, H.265 and MPEG-4 pass each packet's payload on.
AccessUnitAssembler::AccessUnitAssembler(AVCodecID codec) : pieces_are_units_(codec == AV_CODEC_ID_MJPEG) {}

std::optional<ReceivedUnit> AccessUnitAssembler::Add(std::span<const uint8_t> piece, int64_t pts_us,
                                                     int64_t received_unix_us) {
  std::optional<ReceivedUnit> unit;
  if (!building_.empty() && pts_us != pts_us_) unit = Finish();
  if (std::exchange(loss_before_next_piece_, false)) damaged_ = true;
  if (building_.size() + piece.size() > kMaxUnitBytes) {
    throw EngineError("ERR_RTSP_PROTOCOL", "Expected access units of at most " + std::to_string(kMaxUnitBytes) +
                                               " bytes but received a larger one");
  }
  // The next picture is about as large as the one before it.
  if (building_.empty()) building_.Reserve(last_size_);
  building_.Append(piece);
  pts_us_ = pts_us;
  received_unix_us_ = received_unix_us;
  return pieces_are_units_ ? Finish() : std::move(unit);
}

std::optional<ReceivedUnit> AccessUnitAssembler::Finish() {
  last_size_ = building_.size();
  if (std::exchange(damaged_, false)) {
    building_.Clear();
    return std::nullopt;
  }
  building_.Seal();
  return ReceivedUnit{std::exchange(building_, {}), pts_us_, received_unix_us_};
}

}  // namespace framewell
