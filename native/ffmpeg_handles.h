// RAII aliases for FFmpeg's handles, so that no free call is written by hand anywhere else.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/frame.h>
}

#include <memory>
#include <string>

namespace framewell {

template <auto Free>
struct FreeByAddress {
  template <typename T>
  void operator()(T* handle) const noexcept {
    Free(&handle);
  }
};

using AvFramePtr = std::unique_ptr<AVFrame, FreeByAddress<av_frame_free>>;
using AvPacketPtr = std::unique_ptr<AVPacket, FreeByAddress<av_packet_free>>;
using AvCodecContextPtr = std::unique_ptr<AVCodecContext, FreeByAddress<avcodec_free_context>>;
using AvFormatInputPtr = std::unique_ptr<AVFormatContext, FreeByAddress<avformat_close_input>>;

// FFmpeg's words for one of its error numbers.
inline std::string AvErrorText(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return text;
}

}  // namespace framewell
