// FFmpeg's own JPEG encoder, with this engine's colour conversion before it.
#pragma once

#include "clip.h"
#include "ffmpeg_handles.h"
#include "jpeg/jfif_converter.h"

namespace framewell::bench {

class MjpegEncoder {
 public:
  // `qscale` is FFmpeg's -q:v, 2 (best) to 31. `huffman` is "default" for JPEG's example tables or
  // "optimal" for the picture's own.
  MjpegEncoder(PictureSize size, int qscale, const char* huffman);

  Bytes Encode(const AVFrame& frame);

 private:
  AvCodecContextPtr codec_;
  AvPacketPtr packet_;
  AvFramePtr input_;
  JfifConverter converter_;
};

}  // namespace framewell::bench
