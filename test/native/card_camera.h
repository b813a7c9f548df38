// A camera that is decoded on cards of the stand-in driver.
#pragma once

#include <memory>
#include <utility>

#include "manual_camera.h"
#include "stand_in_card.h"

namespace framewell::test {

// Decoded on cards, and where those do not on the CPU.
class CardCamera : public ManualCamera {
 public:
  CardCamera(const Clip& clip, SessionOptions options, Gpus gpus, GpuRetryPolicy retry = {})
      : ManualCamera(clip, options, std::make_shared<GpuDecoding>(std::move(gpus), OnCpu, retry)) {}

 private:
  static std::unique_ptr<VideoDecoder> OnCpu(const StreamFormat& format) {
    return std::make_unique<SoftwareDecoder>(format);
  }
};

inline constexpr GpuRetryPolicy kSoon = {.tries = 3, .rest = std::chrono::milliseconds(0)};

// Four groups of pictures.
inline const Clip& H264Clip() {
  static const Clip clip = EncodeClip({.frames = 40, .gop = 10});
  return clip;
}

inline bool OnCard(const CardCamera& camera) { return camera.session->status().engine.value().gpu.has_value(); }

}  // namespace framewell::test
