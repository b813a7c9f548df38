// One decoded picture with the facts of the access unit it came from.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "ffmpeg_handles.h"
#include "ingest/access_unit.h"
#include "jpeg/picture_size.h"

namespace framewell {

class DeviceFrame;

// Immutable once published; shared by the frame ring, encoders and JavaScript, from any thread.
struct Picture {
  // One of the three: pixels, pixels on a card (native/cuda), or the JPEG that an MJPEG camera sent.
  AvFramePtr frame;
  std::shared_ptr<const DeviceFrame> device;
  AccessUnitPtr jpeg;
  // With `jpeg`: makes the same picture with pixels, on any thread. Throws EngineError ERR_DECODE_FAILED.
  std::function<std::shared_ptr<const Picture>()> open;
  // In presentation order: the i-th picture shown of a group has the keyframe's sequence plus i.
  int64_t sequence = 0;
  int64_t pts_us = 0;
  int64_t received_unix_us = 0;
  std::optional<int64_t> capture_unix_us;
  // Cropped, square pixels.
  PictureSize display;
};

using PicturePtr = std::shared_ptr<const Picture>;

}  // namespace framewell
