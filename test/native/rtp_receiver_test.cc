#include <doctest/doctest.h>

#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

constexpr uint32_t kOther = 0x55667788;

// Writes down what a receiver says: sequence numbers, "-n" for n missing packets, "new" for a new source.
class ReceiverUnderTest final : public RtpPacketListener {
 public:
  explicit ReceiverUnderTest(RtpTransport transport, std::optional<uint32_t> announced_ssrc = std::nullopt)
      : receiver({.transport = transport, .announced_ssrc = announced_ssrc}, *this) {}

  void Send(uint16_t sequence, uint32_t ssrc = 1, uint8_t payload_type = 96) {
    Push(MakeRtp({sequence, 0, false, ssrc, payload_type}, {static_cast<uint8_t>(sequence)}));
  }
  void SendAt(uint16_t sequence, uint32_t timestamp) {
    Push(MakeRtp({sequence, timestamp, false, 1, 96}, {static_cast<uint8_t>(sequence)}));
  }
  std::string TakeLog() { return std::exchange(log_, {}); }

  void OnPacket(const RtpPacket& packet, const ReceiveTime&) override {
    CHECK(packet.payload[0] == static_cast<uint8_t>(packet.sequence));
    Add(std::to_string(packet.sequence));
  }
  void OnMissing(uint64_t packets) override { Add("-" + std::to_string(packets)); }
  void OnNewSource() override { Add("new"); }

  int64_t now_us = 1'000'000;
  RtpReceiver receiver;

 private:
  void Push(const Bytes& bytes) {
    now_us += 1000;
    receiver.Push(*RtpPacket::Parse(bytes), {now_us, now_us});
  }
  void Add(const std::string& word) { log_ += (log_.empty() ? "" : " ") + word; }

  std::string log_;
};

TEST_CASE("RTP receiver: what comes out for what came in") {
  struct {
    std::string name;
    RtpTransport transport;
    std::vector<uint16_t> sequences;
    const char* log;
    RtpReceiver::Counters counters;
  } const cases[] = {
      {"in order over the wrap", RtpTransport::kUdp, {65534, 65535, 0, 1}, "65534 65535 0 1", {}},
      {"gap on TCP", RtpTransport::kTcp, {7, 10, 11}, "7 -2 10 11", {.missing = 2}},
      {"gap over the wrap", RtpTransport::kTcp, {65535, 1}, "65535 -1 1", {.missing = 1}},
      {"late on TCP", RtpTransport::kTcp, {7, 9, 8, 10}, "7 -1 9 10", {.missing = 1, .late = 1}},
      {"repeated", RtpTransport::kUdp, {7, 8, 8, 7, 9}, "7 8 9", {.late = 2}},
      {"overtaken by one", RtpTransport::kUdp, {7, 9, 8, 10}, "7 8 9 10", {.reordered = 1}},
      {"overtaken over the wrap", RtpTransport::kUdp, {65534, 1, 0, 65535}, "65534 65535 0 1", {.reordered = 2}},
      {"repeated while it waits", RtpTransport::kUdp, {7, 9, 9, 8}, "7 8 9", {.reordered = 1, .late = 1}},
      {"two gaps", RtpTransport::kUdp, {1, 3, 5, 4, 2, 6}, "1 2 3 4 5 6", {.reordered = 2}},
      {"waits for ever without a tick", RtpTransport::kUdp, {1, 3, 4}, "1", {}},
      {"far ahead on TCP", RtpTransport::kTcp, {1, 20000, 20001}, "1 new 20000 20001", {}},
      {"far behind on TCP", RtpTransport::kTcp, {1000, 10, 11}, "1000 new 10 11", {}},
      {"far ahead on UDP, twice", RtpTransport::kUdp, {1, 20000, 20001, 20002}, "1 new 20001 20002", {.foreign = 1}},
      {"a stray packet on UDP", RtpTransport::kUdp, {1, 20000, 2, 20001, 3}, "1 2 3", {.foreign = 2}},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    ReceiverUnderTest receiver(test.transport);
    for (const uint16_t sequence : test.sequences) receiver.Send(sequence);
    CHECK(receiver.TakeLog() == test.log);
    const auto& counters = receiver.receiver.counters();
    CHECK(counters.missing == test.counters.missing);
    CHECK(counters.reordered == test.counters.reordered);
    CHECK(counters.late == test.counters.late);
    CHECK(counters.foreign == test.counters.foreign);
  }
}

TEST_CASE("RTP receiver: a missing packet is given up in time") {
  ReceiverUnderTest receiver(RtpTransport::kUdp);
  receiver.Send(1);
  CHECK_FALSE(receiver.receiver.deadline_us());
  receiver.Send(3);
  const int64_t first_wait = receiver.now_us;
  receiver.Send(6);
  REQUIRE(receiver.receiver.deadline_us() == first_wait + RtpReceiver::kWindowUs);
  receiver.receiver.Tick(first_wait + RtpReceiver::kWindowUs - 1);
  CHECK(receiver.TakeLog() == "1");
  receiver.receiver.Tick(first_wait + RtpReceiver::kWindowUs);
  CHECK(receiver.TakeLog() == "-1 3");
  // The second gap has its own wait.
  REQUIRE(receiver.receiver.deadline_us() == first_wait + 1000 + RtpReceiver::kWindowUs);
  receiver.receiver.Tick(first_wait + 1000 + RtpReceiver::kWindowUs);
  CHECK(receiver.TakeLog() == "-2 6");
  CHECK_FALSE(receiver.receiver.deadline_us());
}

TEST_CASE("RTP receiver: a packet that comes gives up on what is overdue too") {
  ReceiverUnderTest receiver(RtpTransport::kUdp);
  receiver.Send(1);
  receiver.Send(3);
  receiver.now_us += RtpReceiver::kWindowUs;
  receiver.Send(4);
  CHECK(receiver.TakeLog() == "1 -1 3 4");
}

TEST_CASE("RTP receiver: the window holds so many packets and no more") {
  ReceiverUnderTest receiver(RtpTransport::kUdp);
  receiver.Send(1);
  receiver.Send(3);
  receiver.Send(2 + RtpReceiver::kWindowPackets - 1);
  CHECK(receiver.TakeLog() == "1");
  receiver.Send(2 + RtpReceiver::kWindowPackets);
  CHECK(receiver.TakeLog() == "-1 3");
  receiver.Send(2 + 3 * RtpReceiver::kWindowPackets);
  CHECK(receiver.TakeLog() == "-125 129 130 -255 386");
}

TEST_CASE("RTP receiver: packets of another payload type are foreign") {
  ReceiverUnderTest receiver(RtpTransport::kTcp);
  receiver.Send(1);
  receiver.Send(500, 1, 97);
  receiver.Send(2);
  CHECK(receiver.TakeLog() == "1 2");
  CHECK(receiver.receiver.counters().foreign == 1);
}

TEST_CASE("RTP receiver: numbers that go back a little while the time goes on are another numbering") {
  struct {
    std::string name;
    RtpTransport transport;
    const char* log;
  } const cases[] = {{"TCP", RtpTransport::kTcp, "20 21 new 15 16 17"},
                     // On UDP a single one might have strayed.
                     {"UDP", RtpTransport::kUdp, "20 21 new 16 17"}};
  for (const auto& test : cases) {
    CAPTURE(test.name);
    ReceiverUnderTest receiver(test.transport);
    uint32_t timestamp = 0xfffff000;
    for (const uint16_t sequence : {20, 21, 15, 16, 17}) {
      receiver.SendAt(sequence, timestamp);
      timestamp += 3000;
    }
    CHECK(receiver.TakeLog() == test.log);
  }
}

TEST_CASE("RTP receiver: another source") {
  SUBCASE("is foreign while the first one sends, on TCP too (live555's stale sessions)") {
    for (const RtpTransport transport : {RtpTransport::kTcp, RtpTransport::kUdp}) {
      ReceiverUnderTest receiver(transport);
      receiver.Send(1);
      for (uint16_t i = 0; i < 5; ++i) {
        receiver.Send(900 + i, kOther);
        receiver.Send(2 + i);
      }
      CHECK(receiver.TakeLog() == "1 2 3 4 5 6");
      CHECK(receiver.receiver.counters().foreign == 5);
    }
  }
  SUBCASE("takes over when the first one is silent") {
    ReceiverUnderTest receiver(RtpTransport::kUdp);
    receiver.Send(1);
    receiver.Send(3);
    receiver.now_us += 1'000'000;
    receiver.Send(900, kOther);
    CHECK(receiver.TakeLog() == "1 -1 3 new 900");
    CHECK(receiver.receiver.source() == kOther);
  }
  SUBCASE("takes over after a goodbye, and what waited is dropped") {
    ReceiverUnderTest receiver(RtpTransport::kUdp);
    receiver.Send(1);
    receiver.Send(3);
    receiver.receiver.OnBye(1);
    receiver.Send(900, kOther);
    CHECK(receiver.TakeLog() == "1 new 900");
    CHECK_FALSE(receiver.receiver.deadline_us());
  }
  SUBCASE("takes over when it is the one that was announced") {
    ReceiverUnderTest receiver(RtpTransport::kUdp, kOther);
    receiver.Send(1);
    receiver.Send(900, kOther);
    receiver.Send(2);
    CHECK(receiver.TakeLog() == "1 new 900");
  }
  SUBCASE("that was announced and never comes keeps none out") {
    ReceiverUnderTest receiver(RtpTransport::kTcp, kOther);
    receiver.Send(1);
    receiver.Send(2);
    CHECK(receiver.TakeLog() == "1 2");
  }
}

}  // namespace
}  // namespace framewell::testing
