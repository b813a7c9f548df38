// What a JPEG file says of itself in its headers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace framewell {

struct JpegSize {
  int width;
  int height;
};

// In pixels, from the frame header, SOF0 to SOF2 (ITU-T T.81, B.2.2). Nothing when the file has none before its
// first scan.
std::optional<JpegSize> ReadJpegSize(std::span<const uint8_t> jpeg);

// Begins with SOI and ends with EOI: the file came whole.
bool IsWholeJpeg(std::span<const uint8_t> jpeg);

}  // namespace framewell
