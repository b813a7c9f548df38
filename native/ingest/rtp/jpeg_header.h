// The head of a JFIF file for a scan that came without it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace framewell {

// In samples; 0 by 0 where it is not known.
struct JpegSize {
  uint16_t width = 0;
  uint16_t height = 0;
  bool operator==(const JpegSize&) const = default;
};

struct JpegHeaderFields {
  // Chroma is halved in height too (4:2:0, RFC 2435 type 1), not in width alone (4:2:2, type 0).
  bool halves_chroma_height = false;
  JpegSize size;
  // In MCUs; 0 when there are no restart markers.
  uint16_t restart_interval = 0;
  // One table of 64 bytes for all components, or two: luminance, chrominance.
  std::span<const uint8_t> quantization_tables;
};

// From SOI to SOS (RFC 2435 appendix B): the entropy-coded data follow.
std::vector<uint8_t> MakeJpegHeader(const JpegHeaderFields& fields);

}  // namespace framewell
