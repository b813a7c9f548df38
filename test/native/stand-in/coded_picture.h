// What the double's parser hands to its decoder in place of a bitstream.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
}

#include <cstdint>
#include <memory>

namespace stand_in {

struct FreeFrame {
  void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
};

// The parser decodes each access unit when it sees it; decoding and display are only told in the driver's order. So
// the decoder need not be right, but its caller must be: a picture that was never submitted, or was displayed too
// early, is noticed.
struct CodedPicture {
  static constexpr uint32_t kMark = 0x5741'494e;

  uint32_t mark = kMark;
  long long timestamp = 0;
  bool reference = true;
  bool damaged = false;
  // Comes when the picture's turn to be shown has come.
  std::unique_ptr<AVFrame, FreeFrame> frame;
};

// CUVIDPICPARAMS::pBitstreamData points to one.
using CodedPicturePtr = std::shared_ptr<CodedPicture>;

}  // namespace stand_in
