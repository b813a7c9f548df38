// Small clips made in the test itself by libavcodec's encoders, as a camera would send them.
#pragma once

#include <string>
#include <vector>

#include "ffmpeg_handles.h"
#include "ingest/packet_source.h"

namespace framewell::test {

struct ClipOptions {
  const char* encoder = "libx264";
  int width = 64;
  int height = 48;
  int frames = 30;
  int gop = 10;
  int b_frames = 0;
};

struct ClipUnit {
  std::vector<uint8_t> bytes;
  int64_t pts_us = 0;
  bool keyframe = false;

  // A copy as a source hands it over. `received_unix_us` is the number that a test can recognise again.
  ReceivedUnit Received(int64_t received_unix_us) const;
};

struct Clip {
  StreamFormat format;
  // In decoding order, 25 pictures a second. Picture i is a flat grey of luma 16 + 4 * (i % 50), i counted in
  // presentation order, so that a decoded picture says which one it is.
  std::vector<ClipUnit> units;
};

Clip EncodeClip(const ClipOptions& options);

// Which picture of the clip a decoded frame is (modulo 50), read from its grey.
int PictureNumber(const AVFrame& frame);

}  // namespace framewell::test
