// One RTP packet (RFC 3550 section 5.1), looked at where it lies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "ingest/rtp/big_endian.h"

namespace framewell {

// A view: the spans point into the bytes that were parsed.
struct RtpPacket {
  bool marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  // Section 5.3.1: what the 16 bits before the extension's length say, and its data. Empty when there is none.
  uint16_t extension_profile = 0;
  std::span<const uint8_t> extension;
  // Without padding. May be empty: a keep-alive, or padding alone.
  std::span<const uint8_t> payload;
  // The whole packet.
  std::span<const uint8_t> bytes;

  // Nothing when the packet is not version 2, or shorter than its header, extension or padding claim.
  static std::optional<RtpPacket> Parse(std::span<const uint8_t> bytes) {
    constexpr size_t kFixedHeader = 12;
    if (bytes.size() < kFixedHeader || bytes[0] >> 6 != 2) return std::nullopt;
    RtpPacket packet;
    packet.bytes = bytes;
    packet.marker = bytes[1] & 0x80;
    packet.payload_type = bytes[1] & 0x7f;
    packet.sequence = ReadU16(bytes, 2);
    packet.timestamp = ReadU32(bytes, 4);
    packet.ssrc = ReadU32(bytes, 8);

    const size_t csrc_bytes = size_t{4} * (bytes[0] & 0x0f);
    if (bytes.size() < kFixedHeader + csrc_bytes) return std::nullopt;
    packet.payload = bytes.subspan(kFixedHeader + csrc_bytes);

    if (bytes[0] & 0x10) {
      if (packet.payload.size() < 4) return std::nullopt;
      packet.extension_profile = ReadU16(packet.payload, 0);
      const size_t extension_bytes = size_t{4} * ReadU16(packet.payload, 2);
      packet.payload = packet.payload.subspan(4);
      if (packet.payload.size() < extension_bytes) return std::nullopt;
      packet.extension = packet.payload.first(extension_bytes);
      packet.payload = packet.payload.subspan(extension_bytes);
    }
    if (bytes[0] & 0x20) {
      // The last byte counts the padding with itself.
      if (packet.payload.empty()) return std::nullopt;
      const size_t padding = packet.payload.back();
      if (padding == 0 || padding > packet.payload.size()) return std::nullopt;
      packet.payload = packet.payload.first(packet.payload.size() - padding);
    }
    return packet;
  }
};

}  // namespace framewell
