#include "ingest/rtp/jpeg_depacketizer.h"

#include <algorithm>

#include "ingest/rtp/jpeg_tables.h"

namespace framewell {
namespace {

constexpr size_t kMainHeaderBytes = 8;
constexpr size_t kTableBytes = 64;
constexpr uint8_t kRestartTypes = 64;
// Section 3.1.8: from here on the tables come in band; with the highest value in each picture.
constexpr uint8_t kInBandTables = 128;
constexpr uint8_t kTablesInEachPicture = 255;

bool IsKnown(const JpegSize& size) { return size.width > 0 && size.height > 0; }

// ONVIF Streaming Specification, "JPEG over RTP": for sizes that RFC 2435 cannot state, an RTP header extension of
// profile 0xFFD8 holds JPEG segments, among them the start of frame.
JpegSize SizeInExtension(const RtpPacket& packet) {
  constexpr uint16_t kOnvifJpeg = 0xffd8;
  if (packet.extension_profile != kOnvifJpeg) return {};
  auto segments = packet.extension;
  while (segments.size() >= 4 && segments[0] == 0xff) {
    const size_t size = ReadU16(segments, 2);
    const bool start_of_frame = segments[1] == 0xc0 || segments[1] == 0xc1;
    if (start_of_frame && segments.size() >= 9) return {ReadU16(segments, 7), ReadU16(segments, 5)};
    if (size < 2 || size + 2 > segments.size()) break;
    segments = segments.subspan(size + 2);
  }
  return {};
}

}  // namespace

PayloadVerdict JpegDepacketizer::Push(const RtpPacket& packet, AccessUnitBuilder& unit) {
  auto data = packet.payload;
  if (data.size() < kMainHeaderBytes) return PayloadVerdict::kMalformed;
  MainHeader header{
      .offset = ReadU24(data, 1),
      .type = data[4],
      .quality = data[5],
      .size = {static_cast<uint16_t>(data[6] * 8), static_cast<uint16_t>(data[7] * 8)},
      .restart_interval = 0,
  };
  data = data.subspan(kMainHeaderBytes);
  // Section 3.1.7. Only the interval matters: all packets of a picture are put together in order or not at all.
  if (header.type >= kRestartTypes && header.type < 2 * kRestartTypes) {
    if (data.size() < 4) return PayloadVerdict::kMalformed;
    header.restart_interval = ReadU16(data, 0);
    data = data.subspan(4);
  }

  if (header.offset == 0) {
    if (!IsKnown(header.size)) header.size = SizeInExtension(packet);
    if (!IsKnown(header.size)) header.size = stated_size_;
    return StartPicture(header, data, unit);
  }
  if (!next_offset_) return PayloadVerdict::kTaken;
  if (header.offset != *next_offset_) {
    next_offset_.reset();
    return PayloadVerdict::kMalformed;
  }
  unit.StartPart(UnitPart::kPictureMore);
  unit.Append(data);
  unit.EndPart();
  *next_offset_ += static_cast<uint32_t>(data.size());
  return PayloadVerdict::kTaken;
}

PayloadVerdict JpegDepacketizer::StartPicture(const MainHeader& header, std::span<const uint8_t> data,
                                              AccessUnitBuilder& unit) {
  next_offset_.reset();
  unit.StartPart(UnitPart::kPictureStart);
  const int base_type = header.type % kRestartTypes;
  if (base_type > 1 || header.type >= 2 * kRestartTypes) return PayloadVerdict::kUnsupported;
  if (!IsKnown(header.size)) return PayloadVerdict::kUnsupported;
  const PayloadVerdict verdict = ReadTables(header.quality, data);
  if (verdict != PayloadVerdict::kTaken) return verdict;

  if (file_header_fields_ != header || file_header_tables_ != tables_) {
    file_header_ = MakeJpegHeader({
        .halves_chroma_height = base_type == 1,
        .size = header.size,
        .restart_interval = header.restart_interval,
        .quantization_tables = tables_,
    });
    file_header_fields_ = header;
    file_header_tables_ = tables_;
  }
  unit.MarkKeyframe();
  unit.Append(file_header_);
  unit.Append(data);
  unit.EndPart();
  next_offset_ = static_cast<uint32_t>(data.size());
  return PayloadVerdict::kTaken;
}

PayloadVerdict JpegDepacketizer::ReadTables(uint8_t quality, std::span<const uint8_t>& data) {
  if (quality < kInBandTables) {
    // Section 4.2 defines 1 to 99; 0 is reserved, and so is the rest.
    if (quality == 0 || quality > 99) return PayloadVerdict::kUnsupported;
    const auto tables = JpegQuantizationTables(quality);
    tables_.assign(tables.begin(), tables.end());
    return PayloadVerdict::kTaken;
  }
  if (data.size() < 4) return PayloadVerdict::kMalformed;
  const uint8_t precision = data[1];
  const size_t length = ReadU16(data, 2);
  data = data.subspan(4);
  if (length > data.size()) return PayloadVerdict::kMalformed;
  if (length == 0) {
    const auto known = known_tables_.find(quality);
    if (quality == kTablesInEachPicture || known == known_tables_.end()) return PayloadVerdict::kMalformed;
    tables_ = known->second;
    return PayloadVerdict::kTaken;
  }
  // Baseline JPEG has tables of 8 bits; a set bit stands for a table of 16.
  if (precision & 3) return PayloadVerdict::kUnsupported;
  if (length < kTableBytes) return PayloadVerdict::kMalformed;
  // live555 behind webcams sends a third table, which no component uses.
  const size_t used = length >= 2 * kTableBytes ? 2 * kTableBytes : kTableBytes;
  tables_.assign(data.begin(), data.begin() + used);
  if (quality != kTablesInEachPicture) known_tables_[quality] = tables_;
  data = data.subspan(length);
  return PayloadVerdict::kTaken;
}

}  // namespace framewell
