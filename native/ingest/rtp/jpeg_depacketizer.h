// JPEG in RTP (RFC 2435): the scans of pictures, of which whole JFIF files are made again.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ingest/rtp/depacketizer.h"
#include "ingest/rtp/jpeg_header.h"

namespace framewell {

// Types 0 and 1 (4:2:2 and 4:2:0), and 64 and 65 with restart markers. Pictures of more than 2040 samples in a
// direction are signalled by a size of 0; their true size comes from the SDP or from the start-of-frame segment in
// ONVIF's RTP header extension.
class JpegDepacketizer final : public Depacketizer {
 public:
  // The picture size by the SDP; 0 when it states none.
  explicit JpegDepacketizer(JpegSize stated_size) : stated_size_(stated_size) {}

  PayloadVerdict Push(const RtpPacket& packet, AccessUnitBuilder& unit) override;
  void OnGap() override { next_offset_.reset(); }

 private:
  struct MainHeader {
    uint32_t offset;
    uint8_t type;
    uint8_t quality;
    JpegSize size;
    uint16_t restart_interval;
    bool operator==(const MainHeader&) const = default;
  };
  using Tables = std::vector<uint8_t>;

  PayloadVerdict StartPicture(const MainHeader& header, std::span<const uint8_t> data, AccessUnitBuilder& unit);
  // Takes the quantization table header off `data`; sets tables_.
  PayloadVerdict ReadTables(uint8_t quality, std::span<const uint8_t>& data);

  const JpegSize stated_size_;
  // In-band tables by their Q, for pictures that say that nothing has changed (section 3.1.8).
  std::map<uint8_t, Tables> known_tables_;
  Tables tables_;
  // What file_header_ was made of.
  std::optional<MainHeader> file_header_fields_;
  Tables file_header_tables_;
  std::vector<uint8_t> file_header_;
  // Where the picture under way goes on; absent when its beginning was lost.
  std::optional<uint32_t> next_offset_;
};

}  // namespace framewell
