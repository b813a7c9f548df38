#pragma once

#include <memory>

#include "ffmpeg_handles.h"

namespace framewell {

struct FreeIo {
  void operator()(AVIOContext* io) const noexcept {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using AvIoPtr = std::unique_ptr<AVIOContext, FreeIo>;

}  // namespace framewell
