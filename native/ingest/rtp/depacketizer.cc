#include "ingest/rtp/depacketizer.h"

#include "ingest/rtp/h264_depacketizer.h"
#include "ingest/rtp/h265_depacketizer.h"
#include "ingest/rtp/jpeg_depacketizer.h"
#include "ingest/rtp/mpeg4_depacketizer.h"

namespace framewell {

std::unique_ptr<Depacketizer> MakeDepacketizer(const PayloadFormat& format) {
  switch (format.codec) {
    case AV_CODEC_ID_H264:
      return std::make_unique<H264Depacketizer>();
    case AV_CODEC_ID_HEVC:
      return std::make_unique<H265Depacketizer>(format.has_decoding_order_numbers);
    case AV_CODEC_ID_MJPEG:
      return std::make_unique<JpegDepacketizer>(JpegSize{format.jpeg_width, format.jpeg_height});
    case AV_CODEC_ID_MPEG4:
      return std::make_unique<Mpeg4Depacketizer>(format.mpeg4_config);
    default:
      return nullptr;
  }
}

std::span<const uint8_t> UnitTrailer(AVCodecID codec) {
  static constexpr uint8_t kEndOfImage[] = {0xff, 0xd9};
  return codec == AV_CODEC_ID_MJPEG ? std::span<const uint8_t>(kEndOfImage) : std::span<const uint8_t>();
}

}  // namespace framewell
