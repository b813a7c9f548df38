#include "ingest/jpeg_header.h"

namespace framewell {
namespace {

constexpr uint8_t kMarker = 0xff;
constexpr uint8_t kSof0 = 0xc0;
constexpr uint8_t kSof2 = 0xc2;
constexpr uint8_t kSos = 0xda;
constexpr uint8_t kSoi = 0xd8;
constexpr uint8_t kEoi = 0xd9;

int BigEndian16(std::span<const uint8_t> bytes) { return bytes[0] << 8 | bytes[1]; }

}  // namespace

std::optional<JpegSize> ReadJpegSize(std::span<const uint8_t> jpeg) {
  size_t at = 2;  // Behind SOI.
  // A segment: marker, two bytes of length, which counts itself; a frame header goes on with precision, height, width.
  while (at + 9 <= jpeg.size() && jpeg[at] == kMarker && jpeg[at + 1] != kSos) {
    if (jpeg[at + 1] >= kSof0 && jpeg[at + 1] <= kSof2) {
      const JpegSize size{BigEndian16(jpeg.subspan(at + 7)), BigEndian16(jpeg.subspan(at + 5))};
      return size.width > 0 && size.height > 0 ? std::optional(size) : std::nullopt;
    }
    at += 2 + static_cast<size_t>(BigEndian16(jpeg.subspan(at + 2)));
  }
  return std::nullopt;
}

bool IsWholeJpeg(std::span<const uint8_t> jpeg) {
  return jpeg.size() >= 4 && jpeg[0] == kMarker && jpeg[1] == kSoi && jpeg[jpeg.size() - 2] == kMarker &&
         jpeg[jpeg.size() - 1] == kEoi;
}

}  // namespace framewell
