// One access unit: the bytes of one coded picture with the facts that travel with them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "ffmpeg_handles.h"
#include "ingest/byte_buffer.h"

namespace framewell {

struct AccessUnit {
  // Counts every access unit of the camera, also those that the gate turns away, so that a gap in
  // the sequences of what is shown means pictures that were lost.
  int64_t sequence = 0;
  // Sequence of the keyframe that this unit's decoding starts from.
  int64_t gop_sequence = 0;
  bool keyframe = false;
  // Presentation time, unwrapped; microseconds from the stream's own origin.
  int64_t pts_us = 0;
  // When the last packet of the unit arrived, Unix time in microseconds.
  int64_t received_unix_us = 0;
  // When the camera took the picture by the camera's own clock, Unix time in microseconds.
  std::optional<int64_t> capture_unix_us;
  // Annex B for H.264 and H.265, the codec's own framing otherwise. Sealed.
  ByteBuffer bytes;
};

using AccessUnitPtr = std::shared_ptr<const AccessUnit>;

static_assert(ByteBuffer::kPadding >= AV_INPUT_BUFFER_PADDING_SIZE);

}  // namespace framewell
