// From RTP payloads to the parts of access units, one class per payload format.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ffmpeg_handles.h"
#include "ingest/rtp/access_unit_builder.h"
#include "ingest/rtp/rtp_packet.h"

namespace framewell {

enum class PayloadVerdict {
  kTaken,
  // Contradicts its own format; the unit it belongs to is damaged.
  kMalformed,
  // A form that is not supported (interleaved mode, reserved types); the unit it belongs to is damaged.
  kUnsupported,
};

// Keeps the state of one stream. Not thread-safe.
class Depacketizer {
 public:
  virtual ~Depacketizer() = default;
  // Takes the packet after the one before, with nothing but OnGap() in between. Appends what it holds to `unit` before
  // it returns; keeps nothing of the packet. The payload is not empty.
  virtual PayloadVerdict Push(const RtpPacket& packet, AccessUnitBuilder& unit) = 0;
  // Packets are missing before the next one: fragments of what they began are of no use.
  virtual void OnGap() = 0;
};

// What the SDP says beside the codec.
struct PayloadFormat {
  AVCodecID codec = AV_CODEC_ID_NONE;
  // H.265: sprop-max-don-diff is above 0, so that decoding order numbers are present (RFC 7798 section 7.1).
  bool has_decoding_order_numbers = false;
  // MPEG-4: `config` of the fmtp line (RFC 6416 section 7.1), decoded from hexadecimal.
  std::vector<uint8_t> mpeg4_config = {};
  // MJPEG: picture size by `a=x-dimensions` or `a=framesize`, for pictures larger than the 2040 samples that RFC 2435
  // has room for. 0 when not stated.
  uint16_t jpeg_width = 0;
  uint16_t jpeg_height = 0;
};

// Null for codecs without a depacketizer here: anything but H.264, H.265, MJPEG and MPEG-4 part 2.
std::unique_ptr<Depacketizer> MakeDepacketizer(const PayloadFormat& format);

// What the units of a codec end with (JPEG's EOI marker), for AccessUnitBuilder.
std::span<const uint8_t> UnitTrailer(AVCodecID codec);

}  // namespace framewell
