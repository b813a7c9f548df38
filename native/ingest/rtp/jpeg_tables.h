// The tables that RTP/JPEG leaves out because both sides know them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace framewell {

// The quantization tables of factor `quality`, 1 to 99 (RFC 2435 section 4.2): luminance, then chrominance, 64 bytes
// each in zigzag order.
std::array<uint8_t, 128> JpegQuantizationTables(int quality);

// The DHT segments of the Huffman tables that RTP/JPEG implies (section 4.1; ITU-T T.81 annex K.3.3).
std::span<const uint8_t> JpegHuffmanSegments();

}  // namespace framewell
