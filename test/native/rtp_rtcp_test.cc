#include <doctest/doctest.h>

#include "ingest/rtp/reception_statistics.h"
#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

const Bytes kSenderReport{
    0x80, 200, 0,    6,    0x11, 0x22, 0x33, 0x44,              // Six more words; the sender.
    0xe8, 1,   2,    3,    0x80, 0,    0,    0,                 // NTP time.
    0,    0,   0x10, 0x00, 0,    0,    0,    9,    0, 0, 1, 0,  // RTP timestamp, packets, bytes.
};
const Bytes kDescription{0x81, 202, 0, 3, 0x11, 0x22, 0x33, 0x44, 1, 3, 'c', 'a', 'm', 0, 0, 0};
const Bytes kGoodbye{0x81, 203, 0, 1, 0x11, 0x22, 0x33, 0x44};

TEST_CASE("RTCP: a compound packet of sender report, description and goodbye") {
  const auto news = ParseRtcp(kSenderReport + kDescription + kGoodbye);
  REQUIRE(news);
  REQUIRE(news->sender_report);
  CHECK(news->sender_report->ssrc == 0x11223344);
  CHECK(news->sender_report->ntp_time == 0xe801020380000000);
  CHECK(news->sender_report->rtp_timestamp == 0x1000);
  CHECK(news->bye == 0x11223344);
}

TEST_CASE("RTCP: what cameras send beside the rules") {
  struct {
    std::string name;
    Bytes bytes;
    bool parsed, report, bye;
  } const cases[] = {
      {"a lone goodbye", kGoodbye, true, false, true},
      {"a goodbye of nobody", {0x80, 203, 0, 0}, true, false, false},
      {"a goodbye that claims a source it lacks", {0x81, 203, 0, 0}, true, false, false},
      {"garbage behind a report", kSenderReport + Bytes{1, 2, 3}, true, true, false},
      {"a second part longer than what came", kSenderReport + Bytes{0x81, 203, 0, 9, 1, 2, 3, 4}, true, true, false},
      {"a report cut short", Bytes(kSenderReport.begin(), kSenderReport.end() - 1), false, false, false},
      {"a report that is too small", {0x80, 200, 0, 1, 0x11, 0x22, 0x33, 0x44}, true, false, false},
      {"RTP", MakeRtp({}, {1, 2, 3}), false, false, false},
      {"version 1", {0x41, 203, 0, 1, 1, 2, 3, 4}, false, false, false},
      {"three bytes", {0x81, 203, 0}, false, false, false},
      {"nothing", {}, false, false, false},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    const auto news = ParseRtcp(test.bytes);
    CHECK(news.has_value() == test.parsed);
    CHECK((news && news->sender_report) == test.report);
    CHECK((news && news->bye) == test.bye);
  }
}

TEST_CASE("RTCP: a receiver report, byte by byte") {
  const ReceptionReport block{
      .ssrc = 0x11223344,
      .fraction_lost = 0x40,
      .cumulative_lost = -2,
      .highest_sequence = 0x00010203,
      .jitter = 0x55,
      .last_sender_report = 0x02038000,
      .delay_since_last_sender_report = 0x00018000,
  };
  const ReceiverReportPacket packet(0xcafe0001, block, "fw");
  CHECK(ToBytes(packet.bytes()) == Bytes{
                                       0x81, 201,  0,    7,    0xca, 0xfe, 0,    1,     // RR.
                                       0x11, 0x22, 0x33, 0x44, 0x40, 0xff, 0xff, 0xfe,  // Lost.
                                       0,    1,    2,    3,    0,    0,    0,    0x55,  // Jitter.
                                       2,    3,    0x80, 0,    0,    1,    0x80, 0,     // Times.
                                       0x81, 202,  0,    3,    0xca, 0xfe, 0,    1,    1, 2, 'f', 'w', 0, 0, 0, 0,
                                   });
}

TEST_CASE("RTCP: a receiver report without a block, and names of any length") {
  for (const size_t length : {0, 1, 2, 5, 254, 255, 300}) {
    CAPTURE(length);
    const ReceiverReportPacket packet(1, std::nullopt, std::string(length, 'n'));
    const auto bytes = packet.bytes();
    CHECK(ToBytes(bytes.first(8)) == Bytes{0x80, 201, 0, 1, 0, 0, 0, 1});
    CHECK(bytes.size() == 8 + 4 * (size_t{ReadU16(bytes, 10)} + 1));
    CHECK(bytes[17] == std::min<size_t>(length, 255));
    CHECK(bytes.back() == 0);
    CHECK(ParseRtcp(bytes));
  }
}

TEST_CASE("RTCP: loss since the last report and in all") {
  ReceptionStatistics statistics(90'000);
  statistics.Begin(7, 65'534);
  for (const uint16_t sequence : {65'534, 65'535, 0, 2}) statistics.OnPacket(sequence, 0, 0);
  ReceptionReport report = statistics.TakeReport(0);
  CHECK(report.ssrc == 7);
  CHECK(report.highest_sequence == 0x10002);
  CHECK(report.cumulative_lost == 1);
  CHECK(report.fraction_lost == 256 / 5);
  CHECK(report.last_sender_report == 0);
  CHECK(report.delay_since_last_sender_report == 0);

  for (const uint16_t sequence : {3, 4}) statistics.OnPacket(sequence, 0, 0);
  report = statistics.TakeReport(0);
  CHECK(report.cumulative_lost == 1);
  CHECK(report.fraction_lost == 0);

  // Repeated packets make it negative (appendix A.3).
  for (int i = 0; i < 3; ++i) statistics.OnPacket(4, 0, 0);
  CHECK(statistics.TakeReport(0).cumulative_lost == -2);
}

TEST_CASE("RTCP: nothing but loss is a fraction of 255, and a report without packets says no loss") {
  ReceptionStatistics statistics(90'000);
  statistics.Begin(7, 0);
  statistics.OnPacket(0, 0, 0);
  statistics.OnPacket(2900, 0, 0);
  CHECK(statistics.TakeReport(0).fraction_lost == 255);
  CHECK(statistics.TakeReport(0).fraction_lost == 0);
}

TEST_CASE("RTCP: delay since the last sender report in 1/65536 s") {
  ReceptionStatistics statistics(90'000);
  statistics.Begin(7, 0);
  statistics.OnPacket(0, 0, 0);
  statistics.OnSenderReport({.ssrc = 7, .ntp_time = 0x0123456789abcdef, .rtp_timestamp = 0}, 1'000'000);
  const ReceptionReport report = statistics.TakeReport(2'500'000);
  CHECK(report.last_sender_report == 0x456789ab);
  CHECK(report.delay_since_last_sender_report == 3 * 65'536 / 2);
}

TEST_CASE("RTCP: jitter") {
  ReceptionStatistics statistics(90'000);
  statistics.Begin(7, 0);
  uint16_t sequence = 0;
  uint32_t timestamp = 0xffff'f000;  // Wraps on the way.
  int64_t arrival_us = 0;
  SUBCASE("is nothing when packets come as they are sent") {
    for (int i = 0; i < 100; ++i, timestamp += 3600, arrival_us += 40'000) {
      statistics.OnPacket(sequence++, timestamp, arrival_us);
    }
    CHECK(statistics.jitter() == 0);
  }
  SUBCASE("nears the mean deviation") {
    // Every other packet is 10 ms late: each interval deviates by 900 ticks.
    for (int i = 0; i < 200; ++i, timestamp += 3600, arrival_us += 40'000) {
      statistics.OnPacket(sequence++, timestamp, arrival_us + (i % 2) * 10'000);
    }
    CHECK(statistics.jitter() > 850);
    CHECK(statistics.jitter() <= 900);
  }
  SUBCASE("survives jumps of the clock") {
    for (int i = 0; i < 200; ++i) statistics.OnPacket(sequence++, i % 2 ? 0 : 0x7fff'ffff, arrival_us);
    CHECK(statistics.jitter() <= 1u << 27);
  }
}

}  // namespace
}  // namespace framewell::testing
