#include "ingest/rtp/h265_depacketizer.h"

#include "ingest/annex_b.h"

namespace framewell {
namespace {

// H.265 table 7-1.
constexpr uint8_t kHighestPicture = 31;
constexpr uint8_t kLowestIrap = 16;
constexpr uint8_t kHighestIrap = 23;
constexpr uint8_t kHighestNalType = 47;

// RFC 7798 section 4.4.
constexpr uint8_t kAggregation = 48;
constexpr uint8_t kFragmentation = 49;

uint8_t TypeOf(uint8_t first_byte) { return (first_byte >> 1) & 0x3f; }

bool IsPicture(uint8_t type) { return type <= kHighestPicture; }

bool IsIrap(uint8_t type) { return type >= kLowestIrap && type <= kHighestIrap; }

bool IsBaseLayer(std::span<const uint8_t> header) { return !(header[0] & 1) && header[1] >> 3 == 0; }

UnitPart PartOf(uint8_t type, std::span<const uint8_t> body) {
  if (IsPicture(type)) {
    // first_slice_segment_in_pic_flag (7.3.6.1).
    return body.empty() || body[0] & 0x80 ? UnitPart::kPictureStart : UnitPart::kPictureMore;
  }
  // 7.4.2.4.4: VPS, SPS, PPS, delimiter, prefix SEI and reserved types begin an access unit; end of sequence and of
  // bitstream, filler data, suffix SEI and other reserved types do not.
  const bool before = (type >= 32 && type <= 35) || type == 39 || (type >= 41 && type <= 44);
  return before ? UnitPart::kBeforePicture : UnitPart::kAfterPicture;
}

}  // namespace

PayloadVerdict H265Depacketizer::Push(const RtpPacket& packet, AccessUnitBuilder& unit) {
  auto payload = WithoutStartCode(packet.payload);
  if (payload.size() < kHeaderBytes) return PayloadVerdict::kMalformed;
  const uint8_t type = TypeOf(payload[0]);
  if (type == kFragmentation) return PushFragmentationUnit(payload, unit);
  EndFragments(unit);
  const auto header = payload.first(kHeaderBytes);
  payload = payload.subspan(kHeaderBytes);
  if (payload.size() < order_number_bytes_) return PayloadVerdict::kMalformed;
  payload = payload.subspan(order_number_bytes_);
  if (type == kAggregation) return PushAggregate(payload, unit);
  if (type > kHighestNalType) return PayloadVerdict::kUnsupported;
  return PushNal(header, payload, unit);
}

// Section 4.4.2: 16 bits of size before each NAL unit, and from the second on 8 bits of order number (DOND).
PayloadVerdict H265Depacketizer::PushAggregate(std::span<const uint8_t> nals, AccessUnitBuilder& unit) {
  while (nals.size() >= 2) {
    const size_t size = ReadU16(nals, 0);
    nals = nals.subspan(2);
    if (size > nals.size()) return PayloadVerdict::kMalformed;
    if (size > 0) {
      const auto nal = WithoutStartCode(nals.first(size));
      if (nal.size() < kHeaderBytes) return PayloadVerdict::kMalformed;
      const PayloadVerdict verdict = PushNal(nal.first(kHeaderBytes), nal.subspan(kHeaderBytes), unit);
      if (verdict != PayloadVerdict::kTaken) return verdict;
      nals = nals.subspan(size);
    }
    if (order_number_bytes_ > 0 && !nals.empty()) nals = nals.subspan(1);
  }
  return PayloadVerdict::kTaken;
}

// Section 4.4.3: the order number stands in the first fragment alone.
PayloadVerdict H265Depacketizer::PushFragmentationUnit(std::span<const uint8_t> payload, AccessUnitBuilder& unit) {
  if (payload.size() < 3) return PayloadVerdict::kMalformed;
  const bool start = payload[2] & 0x80;
  const auto type = static_cast<uint8_t>(payload[2] & 0x3f);
  const uint8_t header[] = {static_cast<uint8_t>((payload[0] & 0x81) | type << 1), payload[1]};
  auto body = payload.subspan(3);
  if (start) {
    if (body.size() < order_number_bytes_) {
      OnGap();
      return PayloadVerdict::kMalformed;
    }
    body = body.subspan(order_number_bytes_);
  }
  return PushFragment({.start = start, .end = (payload[2] & 0x40) != 0, .header = header, .body = body}, unit);
}

PayloadVerdict H265Depacketizer::StartNal(std::span<const uint8_t> header, std::span<const uint8_t> body,
                                          AccessUnitBuilder& unit) {
  nal_type_ = TypeOf(header[0]);
  if (nal_type_ > kHighestNalType) return PayloadVerdict::kMalformed;
  // Layers above the base layer belong to its access unit (7.4.2.4.4 looks at nuh_layer_id 0 alone).
  const bool base = IsBaseLayer(header);
  unit.StartPart(base ? PartOf(nal_type_, body) : UnitPart::kAnywhere);
  if (base && IsIrap(nal_type_)) unit.MarkKeyframe();
  return PayloadVerdict::kTaken;
}

void H265Depacketizer::ExamineNal(AccessUnitBuilder& unit) {
  if (IsPicture(nal_type_)) return;
  // Parameter sets and slices with start codes between them, sent as one NAL unit.
  AnnexBReader reader(unit.part());
  while (const auto first_byte = reader.Header()) {
    const uint8_t type = TypeOf(*first_byte);
    if (IsPicture(type)) {
      unit.MarkPicture();
      if (IsIrap(type)) unit.MarkKeyframe();
      return;
    }
    reader.Take();
  }
}

}  // namespace framewell
