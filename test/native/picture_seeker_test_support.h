// What the tests of the picture seeker have in common: clips whose units were received at known times.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "manual_camera.h"

namespace framewell::test {

// Unit i of a clip was received then: 25 units a second.
inline int64_t ReceivedAt(size_t unit) { return 1'700'000'000'000'000 + static_cast<int64_t>(unit) * 40'000; }

inline void Send(ManualCamera& camera, const Clip& clip, size_t first, size_t last) {
  for (size_t i = first; i <= last; ++i) camera.source->sink().OnAccessUnit(clip.units[i].Received(ReceivedAt(i)));
}

inline const Clip& PlainClip() {
  static const Clip clip = EncodeClip({});
  return clip;
}

// Decoding order I P B B P B B, shown I B B P B B P.
inline const Clip& ReorderedClip() {
  static const Clip clip = EncodeClip({.frames = 24, .gop = 12, .b_frames = 2});
  return clip;
}

inline std::string ErrorOf(ManualCamera& camera, int64_t unix_us) {
  try {
    camera.At(unix_us);
  } catch (const EngineError& error) {
    return error.code() + ": " + error.what();
  }
  return "no error";
}

inline bool Contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Counts the decoders that were made.
struct DecoderCount {
  std::shared_ptr<std::atomic<int>> made = std::make_shared<std::atomic<int>>(0);

  VideoDecoderFactory Factory() const {
    return [made = made](const StreamFormat& format) {
      ++*made;
      return std::make_unique<SoftwareDecoder>(format);
    };
  }
};

}  // namespace framewell::test
