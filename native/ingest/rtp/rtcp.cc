#include "ingest/rtp/rtcp.h"

#include <algorithm>

#include "ingest/rtp/big_endian.h"

namespace framewell {
namespace {

// RFC 3550 section 12.1.
constexpr uint8_t kSenderReport = 200;
constexpr uint8_t kReceiverReport = 201;
constexpr uint8_t kSourceDescription = 202;
constexpr uint8_t kGoodbye = 203;
// RFC 5761 section 4: the values that RTCP may use beside RTP.
constexpr uint8_t kLowestType = 192;
constexpr uint8_t kHighestType = 223;

constexpr uint8_t kCname = 1;

// One packet of a compound, header included; nothing when it is not whole.
std::optional<std::span<const uint8_t>> FirstPacket(std::span<const uint8_t> bytes) {
  if (bytes.size() < 4 || bytes[0] >> 6 != 2) return std::nullopt;
  if (bytes[1] < kLowestType || bytes[1] > kHighestType) return std::nullopt;
  const size_t size = 4 * (size_t{ReadU16(bytes, 2)} + 1);
  if (size > bytes.size()) return std::nullopt;
  return bytes.first(size);
}

uint8_t HeaderByte(uint8_t count) { return 2 << 6 | count; }

}  // namespace

std::optional<RtcpNews> ParseRtcp(std::span<const uint8_t> bytes) {
  auto packet = FirstPacket(bytes);
  if (!packet) return std::nullopt;
  RtcpNews news;
  for (; packet; packet = FirstPacket(bytes)) {
    bytes = bytes.subspan(packet->size());
    const uint8_t type = (*packet)[1];
    const int count = (*packet)[0] & 0x1f;
    if (type == kSenderReport && packet->size() >= 28) {
      news.sender_report = SenderReport{
          .ssrc = ReadU32(*packet, 4),
          .ntp_time = uint64_t{ReadU32(*packet, 8)} << 32 | ReadU32(*packet, 12),
          .rtp_timestamp = ReadU32(*packet, 16),
      };
    } else if (type == kGoodbye && count > 0 && packet->size() >= 8) {
      news.bye = ReadU32(*packet, 4);
    }
  }
  return news;
}

ReceiverReportPacket::ReceiverReportPacket(uint32_t receiver_ssrc, const std::optional<ReceptionReport>& block,
                                           std::string_view cname) {
  const std::span<uint8_t> report(bytes_);
  const size_t report_size = block ? 32 : 8;
  report[0] = HeaderByte(block ? 1 : 0);
  report[1] = kReceiverReport;
  WriteU16(report, 2, static_cast<uint16_t>(report_size / 4 - 1));
  WriteU32(report, 4, receiver_ssrc);
  if (block) {
    WriteU32(report, 8, block->ssrc);
    WriteU32(report, 12, uint32_t{block->fraction_lost} << 24 | (block->cumulative_lost & 0xff'ffff));
    WriteU32(report, 16, block->highest_sequence);
    WriteU32(report, 20, block->jitter);
    WriteU32(report, 24, block->last_sender_report);
    WriteU32(report, 28, block->delay_since_last_sender_report);
  }

  // Section 6.5: the items of a chunk end with a zero byte, and zeros fill the last 32 bits.
  cname = cname.substr(0, kMaxCname);
  const std::span<uint8_t> description = report.subspan(report_size);
  const size_t description_size = (8 + 2 + cname.size() + 1 + 3) / 4 * 4;
  description[0] = HeaderByte(1);
  description[1] = kSourceDescription;
  WriteU16(description, 2, static_cast<uint16_t>(description_size / 4 - 1));
  WriteU32(description, 4, receiver_ssrc);
  description[8] = kCname;
  description[9] = static_cast<uint8_t>(cname.size());
  std::copy(cname.begin(), cname.end(), description.begin() + 10);
  size_ = report_size + description_size;
}

}  // namespace framewell
