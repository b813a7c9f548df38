#include "ingest/net/stream_format.h"

#include <algorithm>
#include <new>

extern "C" {
#include <libavutil/mem.h>
}

namespace framewell {
namespace {

AVCodecID CodecOf(RtpCodec codec) {
  switch (codec) {
    case RtpCodec::kH264:
      return AV_CODEC_ID_H264;
    case RtpCodec::kH265:
      return AV_CODEC_ID_HEVC;
    case RtpCodec::kJpeg:
      return AV_CODEC_ID_MJPEG;
    case RtpCodec::kMpeg4Visual:
      return AV_CODEC_ID_MPEG4;
    case RtpCodec::kOther:
      break;
  }
  return AV_CODEC_ID_NONE;
}

}  // namespace

PayloadFormat MakePayloadFormat(const SdpVideoTrack& track) {
  PayloadFormat format;
  format.codec = CodecOf(track.codec);
  format.has_decoding_order_numbers = track.max_don_diff > 0;
  if (track.codec == RtpCodec::kMpeg4Visual) format.mpeg4_config = track.decoder_config;
  format.jpeg_width = static_cast<int>(track.width);
  format.jpeg_height = static_cast<int>(track.height);
  return format;
}

StreamFormat MakeStreamFormat(const SdpVideoTrack& track) {
  std::shared_ptr<AVCodecParameters> parameters(avcodec_parameters_alloc(), FreeCodecParameters());
  if (!parameters) throw std::bad_alloc();
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = CodecOf(track.codec);
  const auto& config = track.decoder_config;
  if (!config.empty()) {
    parameters->extradata = static_cast<uint8_t*>(av_mallocz(config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (!parameters->extradata) throw std::bad_alloc();
    std::copy(config.begin(), config.end(), parameters->extradata);
    parameters->extradata_size = static_cast<int>(config.size());
  }
  return parameters;
}

}  // namespace framewell
