// Numbers in network byte order. The caller has checked that the bytes are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace framewell {

inline uint16_t ReadU16(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

inline uint32_t ReadU24(std::span<const uint8_t> bytes, size_t at) {
  return uint32_t{bytes[at]} << 16 | ReadU16(bytes, at + 1);
}

inline uint32_t ReadU32(std::span<const uint8_t> bytes, size_t at) {
  return uint32_t{ReadU16(bytes, at)} << 16 | ReadU16(bytes, at + 2);
}

inline void WriteU16(std::span<uint8_t> bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}

inline void WriteU32(std::span<uint8_t> bytes, size_t at, uint32_t value) {
  WriteU16(bytes, at, static_cast<uint16_t>(value >> 16));
  WriteU16(bytes, at + 2, static_cast<uint16_t>(value));
}

}  // namespace framewell
