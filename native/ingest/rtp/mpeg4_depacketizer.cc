#include "ingest/rtp/mpeg4_depacketizer.h"

#include "ingest/annex_b.h"

namespace framewell {
namespace {

// ISO/IEC 14496-2 table 6-3. Start codes look like Annex B's and their value like a NAL header.
constexpr uint8_t kLowestLayer = 0x20;
constexpr uint8_t kHighestLayer = 0x2f;
constexpr uint8_t kVop = 0xb6;

bool IsLayer(uint8_t code) { return code >= kLowestLayer && code <= kHighestLayer; }

// vop_coding_type is the first two bits behind the start code (6.2.5).
bool IsIntra(std::span<const uint8_t> vop) { return vop.size() > 1 && vop[1] >> 6 == 0; }

bool BeginsWithStartCode(std::span<const uint8_t> payload) {
  return payload.size() >= 4 && payload[0] == 0 && payload[1] == 0 && payload[2] == 1;
}

}  // namespace

PayloadVerdict Mpeg4Depacketizer::Push(const RtpPacket& packet, AccessUnitBuilder& unit) {
  const auto payload = packet.payload;
  const bool begins = BeginsWithStartCode(payload);
  if (!begins && !in_headers_) {
    unit.StartPart(UnitPart::kPictureMore);
    unit.Append(payload);
    unit.EndPart();
    return PayloadVerdict::kTaken;
  }

  AnnexBReader reader(payload);
  bool has_vop = false;
  bool intra = false;
  while (const auto code = reader.Header()) {
    if (*code == kVop) {
      has_vop = true;
      intra = IsIntra(reader.Take());
      break;
    }
    if (IsLayer(*code)) layer_in_unit_ = true;
    reader.Take();
  }

  if (!begins) {
    unit.StartPart(UnitPart::kAnywhere);
  } else {
    unit.StartPart(payload[3] == kVop ? UnitPart::kPictureStart : UnitPart::kBeforePicture);
  }
  if (has_vop) {
    unit.MarkPicture();
    if (intra) unit.MarkKeyframe();
    if (intra && !layer_in_unit_) unit.Append(config_);
    layer_in_unit_ = false;
  }
  in_headers_ = !has_vop;
  unit.Append(payload);
  unit.EndPart();
  return PayloadVerdict::kTaken;
}

}  // namespace framewell
