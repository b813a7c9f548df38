#include "ingest/rtp/nal_depacketizer.h"

#include <algorithm>

namespace framewell {
namespace {

bool BeginsWithStartCode(std::span<const uint8_t> bytes) {
  return bytes.size() >= kNalStartCode.size() && std::equal(kNalStartCode.begin(), kNalStartCode.end(), bytes.begin());
}

}  // namespace

std::span<const uint8_t> WithoutStartCode(std::span<const uint8_t> nal) {
  const auto first = std::find_if(nal.begin(), nal.end(), [](uint8_t byte) { return byte != 0; });
  const auto zeros = static_cast<size_t>(first - nal.begin());
  const bool has_code = zeros >= 2 && first != nal.end() && *first == 1;
  return has_code ? nal.subspan(zeros + 1) : nal;
}

PayloadVerdict NalDepacketizer::PushAnnexB(std::span<const uint8_t> packet, AccessUnitBuilder& unit) {
  if (!BeginsWithStartCode(packet)) {
    if (fragment_ == FragmentState::kOpen) unit.Append(packet);
    return PayloadVerdict::kTaken;
  }
  while (!packet.empty()) {
    packet = packet.subspan(kNalStartCode.size());
    const auto end = std::search(packet.begin(), packet.end(), kNalStartCode.begin(), kNalStartCode.end());
    const auto nal = packet.first(static_cast<size_t>(end - packet.begin()));
    packet = packet.subspan(nal.size());
    EndFragments(unit);
    if (nal.size() < header_bytes_) return PayloadVerdict::kMalformed;
    const PayloadVerdict verdict = OpenNal(nal.first(header_bytes_), nal.subspan(header_bytes_), unit);
    if (verdict != PayloadVerdict::kTaken) return verdict;
    fragment_ = FragmentState::kOpen;
  }
  return PayloadVerdict::kTaken;
}

PayloadVerdict NalDepacketizer::PushNal(std::span<const uint8_t> header, std::span<const uint8_t> body,
                                        AccessUnitBuilder& unit) {
  const PayloadVerdict verdict = OpenNal(header, body, unit);
  if (verdict == PayloadVerdict::kTaken) CloseNal(unit);
  return verdict;
}

PayloadVerdict NalDepacketizer::PushFragment(const Fragment& fragment, AccessUnitBuilder& unit) {
  if (fragment.start) {
    EndFragments(unit);
    fragment_ = FragmentState::kLost;
    auto header = fragment.header;
    auto body = fragment.body;
    if (const auto nal = WithoutStartCode(body); nal.size() < body.size() && nal.size() >= header_bytes_) {
      // A whole Annex B stream was cut into fragments: the true header follows the start code.
      header = nal.first(header_bytes_);
      body = nal.subspan(header_bytes_);
    }
    const PayloadVerdict verdict = OpenNal(header, body, unit);
    if (verdict != PayloadVerdict::kTaken) return verdict;
    fragment_ = FragmentState::kOpen;
  } else if (fragment_ == FragmentState::kNone) {
    fragment_ = FragmentState::kLost;
    return PayloadVerdict::kMalformed;
  } else if (fragment_ == FragmentState::kOpen) {
    unit.Append(fragment.body);
  }
  // Both bits together are forbidden, yet sent (CostarHD, OpenIPC): a NAL unit in one fragment.
  if (fragment.end && fragment_ == FragmentState::kOpen) EndFragments(unit);
  return PayloadVerdict::kTaken;
}

void NalDepacketizer::EndFragments(AccessUnitBuilder& unit) {
  if (fragment_ == FragmentState::kOpen) CloseNal(unit);
  fragment_ = FragmentState::kNone;
}

PayloadVerdict NalDepacketizer::OpenNal(std::span<const uint8_t> header, std::span<const uint8_t> body,
                                        AccessUnitBuilder& unit) {
  const PayloadVerdict verdict = StartNal(header, body, unit);
  if (verdict != PayloadVerdict::kTaken) return verdict;
  unit.Append(kNalStartCode);
  unit.Append(header);
  unit.Append(body);
  return verdict;
}

void NalDepacketizer::CloseNal(AccessUnitBuilder& unit) {
  unit.EndPart();
  ExamineNal(unit);
}

}  // namespace framewell
