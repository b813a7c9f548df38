#include "ingest/rtp/capture_clock.h"
#include "ingest/rtp/reception_statistics.h"
#include "rtp_fuzz_support.h"

using namespace framewell;

// The input is packets as they came, a length of one byte before each.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const uint32_t clock_rate = 1 + input.U16();
  CaptureClock clock(clock_rate);
  ReceptionStatistics statistics(clock_rate);
  int64_t now_us = 1'000'000;
  while (!input.empty()) {
    const auto bytes = input.Bytes(input.Byte());
    now_us += 40'000;
    if (const auto news = ParseRtcp(bytes); news && news->sender_report) {
      const SenderReport& report = *news->sender_report;
      clock.OnSenderReport(report, now_us);
      statistics.OnSenderReport(report, now_us);
      statistics.OnPacket(static_cast<uint16_t>(report.rtp_timestamp >> 16), report.rtp_timestamp, now_us);
      const auto unix_us = clock.ToUnixUs(report.ssrc, report.rtp_timestamp);
      Require(!unix_us || std::abs(*unix_us - now_us) <= CaptureClock::kMaxOffsetUs);
    }
    const ReceptionReport block = statistics.TakeReport(now_us);
    Require(block.cumulative_lost >= -0x80'0000 && block.cumulative_lost <= 0x7f'ffff);
    const ReceiverReportPacket packet(1, block, Text(bytes.data(), bytes.size()));
    Require(packet.bytes().size() % 4 == 0 && ParseRtcp(packet.bytes()).has_value());
  }
  return 0;
}
