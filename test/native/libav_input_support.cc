#include "libav_input_support.h"

namespace framewell::testing {
namespace {

std::string Hex(std::span<const uint8_t> bytes) {
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace

std::string SdpOf(const RtpClip& clip) {
  const AVCodecParameters& parameters = *clip.parameters;
  const bool jpeg = parameters.codec_id == AV_CODEC_ID_MJPEG;
  const std::string type = jpeg ? "26" : "96";
  std::string sdp =
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5000 RTP/AVP " + type;
  if (jpeg) return sdp + "\r\n";
  const char* name = parameters.codec_id == AV_CODEC_ID_H264   ? "H264"
                     : parameters.codec_id == AV_CODEC_ID_HEVC ? "H265"
                                                               : "MP4V-ES";
  sdp += "\r\na=rtpmap:96 " + std::string(name) + "/90000\r\n";
  if (parameters.codec_id == AV_CODEC_ID_MPEG4 && parameters.extradata_size > 0) {
    sdp += "a=fmtp:96 profile-level-id=1; config=" +
           Hex({parameters.extradata, static_cast<size_t>(parameters.extradata_size)}) + "\r\n";
  }
  return sdp;
}

}  // namespace framewell::testing
