// What H.264 and H.265 in RTP have in common: NAL units, whole or in fragments.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "ingest/rtp/depacketizer.h"

namespace framewell {

// Four bytes before every NAL unit: the first of an access unit needs them (H.264 and H.265, B.1.2), the others may.
inline constexpr std::array<uint8_t, 4> kNalStartCode{0, 0, 0, 1};

// Some cameras put Annex B start codes into RTP payloads, which hold bare NAL units (RFC 6184 section 5.2). Within a
// NAL unit emulation prevention keeps these bytes from occurring, and its header is never zero.
std::span<const uint8_t> WithoutStartCode(std::span<const uint8_t> nal);

class NalDepacketizer : public Depacketizer {
 public:
  void OnGap() override { fragment_ = FragmentState::kLost; }

  // A packet as libavformat's depacketizers hand it on: NAL units behind kNalStartCode, of which the last may go on in
  // the next packet; or more of the last one. In place of Push().
  PayloadVerdict PushAnnexB(std::span<const uint8_t> packet, AccessUnitBuilder& unit);

 protected:
  // RFC 6184 section 5.8, RFC 7798 section 4.4.3.
  struct Fragment {
    bool start = false;
    bool end = false;
    // Of the NAL unit; both fragment headers and order numbers are no part of `body`.
    std::span<const uint8_t> header;
    std::span<const uint8_t> body;
  };

  explicit NalDepacketizer(size_t header_bytes) : header_bytes_(header_bytes) {}

  PayloadVerdict PushNal(std::span<const uint8_t> header, std::span<const uint8_t> body, AccessUnitBuilder& unit);
  PayloadVerdict PushFragment(const Fragment& fragment, AccessUnitBuilder& unit);
  // The payload is no fragment. Cameras exist that never set the end bit, so this may end a NAL unit.
  void EndFragments(AccessUnitBuilder& unit);

 private:
  // Where the NAL unit under way stands in its fragments.
  enum class FragmentState {
    // No fragment is due.
    kNone,
    // The beginning came, the end did not.
    kOpen,
    // The beginning was lost: fragments are passed over until the next unit begins.
    kLost,
  };

  // Tells `unit` of the NAL unit that begins, appends nothing. `body` is what is known of it behind its header.
  virtual PayloadVerdict StartNal(std::span<const uint8_t> header, std::span<const uint8_t> body,
                                  AccessUnitBuilder& unit) = 0;
  // unit.part() is the NAL unit, whole.
  virtual void ExamineNal(AccessUnitBuilder& unit) = 0;

  // Leaves the NAL unit open.
  PayloadVerdict OpenNal(std::span<const uint8_t> header, std::span<const uint8_t> body, AccessUnitBuilder& unit);
  void CloseNal(AccessUnitBuilder& unit);

  const size_t header_bytes_;
  FragmentState fragment_ = FragmentState::kLost;
};

}  // namespace framewell
