#include "ingest/rtp/jpeg_header.h"

#include <initializer_list>

#include "ingest/rtp/jpeg_tables.h"

namespace framewell {
namespace {

constexpr size_t kTableBytes = 64;

class SegmentWriter {
 public:
  void Bytes(std::initializer_list<int> bytes) {
    for (const int byte : bytes) bytes_.push_back(static_cast<uint8_t>(byte));
  }
  void Bytes(std::span<const uint8_t> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void U16(uint16_t value) { Bytes({value >> 8, value & 0xff}); }
  std::vector<uint8_t> Take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace

// Markers and layouts: ITU-T T.81 annex B; APP0: T.871.
std::vector<uint8_t> MakeJpegHeader(const JpegHeaderFields& fields) {
  SegmentWriter out;
  out.Bytes({0xff, 0xd8});
  // JFIF 1.02, square samples, no thumbnail.
  out.Bytes({0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 2, 0, 0, 1, 0, 1, 0, 0});

  const bool has_chroma_table = fields.quantization_tables.size() >= 2 * kTableBytes;
  for (int table = 0; table <= (has_chroma_table ? 1 : 0); ++table) {
    out.Bytes({0xff, 0xdb, 0, 2 + 1 + kTableBytes, table});
    out.Bytes(fields.quantization_tables.subspan(table * kTableBytes, kTableBytes));
  }
  if (fields.restart_interval > 0) {
    out.Bytes({0xff, 0xdd, 0, 4});
    out.U16(fields.restart_interval);
  }

  out.Bytes({0xff, 0xc0, 0, 17, 8});
  out.U16(fields.size.height);
  out.U16(fields.size.width);
  const int chroma_table = has_chroma_table ? 1 : 0;
  out.Bytes({3, 1, fields.halves_chroma_height ? 0x22 : 0x21, 0, 2, 0x11, chroma_table, 3, 0x11, chroma_table});
  out.Bytes(JpegHuffmanSegments());
  out.Bytes({0xff, 0xda, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0});
  return out.Take();
}

}  // namespace framewell
