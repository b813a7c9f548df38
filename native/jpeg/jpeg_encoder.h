// Decoded frames to JPEG files on the CPU: full-range BT.601 4:2:0 (JFIF), square pixels.
#pragma once

extern "C" {
#include <libavutil/frame.h>
}

#include <memory>

#include "jpeg/jfif_converter.h"
#include "jpeg/jpeg_bytes.h"
#include "jpeg/jpeg_options.h"
#include "jpeg/yuv_planes.h"

namespace framewell {

// Not thread-safe: each worker thread has its own, and reuses it for the sake of its buffers, which
// stay as large as the largest picture needed.
class JpegEncoder {
 public:
  // Throws EngineError ERR_ENCODE_FAILED.
  JpegEncoder();

  // `frame` is in system memory and is only read, its buffers possibly shared with the decoder.
  // Throws EngineError: ERR_PIXEL_FORMAT_UNSUPPORTED, or ERR_ENCODE_FAILED for options out of range
  // and pictures JPEG cannot hold.
  JpegBytes Encode(const AVFrame& frame, const JpegOptions& options);

 private:
  struct TurboDestroy {
    void operator()(void* handle) const noexcept;
  };

  JpegBytes Compress(const YuvPlanes& planes, int quality);

  std::unique_ptr<void, TurboDestroy> turbo_;
  JfifConverter converter_;
  AlignedBuffer output_;
};

}  // namespace framewell
