// Clips made by FFmpeg's encoders, and the RTP packets that FFmpeg's own muxer makes of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ffmpeg_handles.h"
#include "rtp_test_support.h"

namespace framewell::testing {

struct RtpClipSettings {
  std::string encoder;
  std::map<std::string, std::string> options = {};
  AVPixelFormat format = AV_PIX_FMT_YUV420P;
  int width = 352;
  int height = 288;
  int frames = 30;
  // Headers out of band, as `config` in the SDP, instead of before keyframes.
  bool global_header = false;
};

struct RtpClip {
  struct Unit {
    Bytes bytes;
    int64_t pts = 0;  // In ticks of 90 kHz.
    bool keyframe = false;
  };
  // As libavformat's demuxer and parser give them from the elementary stream in a file.
  std::vector<Unit> units;
  std::shared_ptr<AVCodecParameters> parameters;
  // RTP and RTCP packets.
  std::vector<Bytes> packets;
};

// Throws std::runtime_error when FFmpeg lacks the encoder.
RtpClip MakeRtpClip(const RtpClipSettings& settings);

// Decodes a JPEG file; empty when libavcodec finds fault with it.
AvFramePtr DecodeJpeg(std::span<const uint8_t> file);

}  // namespace framewell::testing
