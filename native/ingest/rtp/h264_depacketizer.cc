#include "ingest/rtp/h264_depacketizer.h"

#include "ingest/annex_b.h"
#include "ingest/rtp/h264_sei.h"

namespace framewell {
namespace {

// H.264 table 7-1.
constexpr uint8_t kPartitionA = 2;
constexpr uint8_t kPartitionB = 3;
constexpr uint8_t kPartitionC = 4;
constexpr uint8_t kIdrSlice = 5;
constexpr uint8_t kSei = 6;

// RFC 6184 table 1.
constexpr uint8_t kStapA = 24;
constexpr uint8_t kFuA = 28;
constexpr uint8_t kHighestNalType = 23;

uint8_t TypeOf(uint8_t header) { return header & 0x1f; }

bool IsPicture(uint8_t type) { return type >= 1 && type <= kIdrSlice; }

UnitPart PartOf(uint8_t type, std::span<const uint8_t> body) {
  switch (type) {
    case 1:
    case kPartitionA:
    case kIdrSlice:
      // first_mb_in_slice is ue(v) (7.3.3): 0 is a single 1 bit. Arbitrary slice order is not reckoned with: libavcodec
      // does not decode it either.
      return body.empty() || body[0] & 0x80 ? UnitPart::kPictureStart : UnitPart::kPictureMore;
    case kPartitionB:
    case kPartitionC:
      return UnitPart::kPictureMore;
    case kSei:
    case 7:   // SPS
    case 8:   // PPS
    case 9:   // Access unit delimiter.
    case 13:  // SPS extension.
    case 15:  // Subset SPS, and what is reserved beside it.
    case 16:
    case 17:
    case 18:
      return UnitPart::kBeforePicture;
    case 10:  // End of sequence.
    case 11:  // End of stream.
    case 12:  // Filler data.
      return UnitPart::kAfterPicture;
    default:
      // 14 stands before each slice of a picture (7.4.1.2.3), so it does not tell the first.
      return UnitPart::kAnywhere;
  }
}

}  // namespace

PayloadVerdict H264Depacketizer::Push(const RtpPacket& packet, AccessUnitBuilder& unit) {
  const auto payload = packet.payload;
  const uint8_t type = TypeOf(payload[0]);
  if (type == kFuA) {
    // Section 5.8.
    if (payload.size() < 2) return PayloadVerdict::kMalformed;
    const auto header = static_cast<uint8_t>((payload[0] & 0xe0) | TypeOf(payload[1]));
    return PushFragment({.start = (payload[1] & 0x80) != 0,
                         .end = (payload[1] & 0x40) != 0,
                         .header = {&header, 1},
                         .body = payload.subspan(2)},
                        unit);
  }
  EndFragments(unit);
  if (type == kStapA) return PushAggregate(payload.subspan(1), unit);
  if (type > kHighestNalType) return PayloadVerdict::kUnsupported;
  return PushBareNal(payload, unit);
}

// Section 5.7.1: 16 bits of size before each NAL unit.
PayloadVerdict H264Depacketizer::PushAggregate(std::span<const uint8_t> nals, AccessUnitBuilder& unit) {
  while (nals.size() >= 2) {
    const size_t size = ReadU16(nals, 0);
    nals = nals.subspan(2);
    if (size > nals.size()) return PayloadVerdict::kMalformed;
    const PayloadVerdict verdict = PushBareNal(nals.first(size), unit);
    if (verdict != PayloadVerdict::kTaken) return verdict;
    nals = nals.subspan(size);
  }
  return PayloadVerdict::kTaken;
}

PayloadVerdict H264Depacketizer::PushBareNal(std::span<const uint8_t> nal, AccessUnitBuilder& unit) {
  nal = WithoutStartCode(nal);
  return nal.empty() ? PayloadVerdict::kTaken : PushNal(nal.first(1), nal.subspan(1), unit);
}

PayloadVerdict H264Depacketizer::StartNal(std::span<const uint8_t> header, std::span<const uint8_t> body,
                                          AccessUnitBuilder& unit) {
  nal_type_ = TypeOf(header[0]);
  if (nal_type_ == 0 || nal_type_ > kHighestNalType) return PayloadVerdict::kMalformed;
  unit.StartPart(PartOf(nal_type_, body));
  if (nal_type_ == kIdrSlice) unit.MarkKeyframe();
  return PayloadVerdict::kTaken;
}

void H264Depacketizer::ExamineNal(AccessUnitBuilder& unit) {
  if (IsPicture(nal_type_)) return;
  // V380 and other cameras send SPS, PPS and IDR slice with start codes between them as one NAL unit of type 7, in
  // fragments that do not heed the start codes.
  bool has_picture = false;
  bool is_keyframe = false;
  AnnexBReader reader(unit.part());
  while (const auto header = reader.Header()) {
    const uint8_t type = TypeOf(*header);
    has_picture = IsPicture(type);
    if (type == kIdrSlice) is_keyframe = true;
    if (has_picture) break;
    const auto nal = reader.Take();
    if (type == kSei && HasRecoveryPoint(nal)) is_keyframe = true;
  }
  if (has_picture) unit.MarkPicture();
  if (is_keyframe) unit.MarkKeyframe();
}

}  // namespace framewell
