#include "ingest/rtp/rtp_receiver.h"
#include "rtp_fuzz_support.h"

using namespace framewell;

namespace {

// Whatever comes in, what goes out is in order and without gaps but for those that are told.
class OrderedListener final : public RtpPacketListener {
 public:
  void OnPacket(const RtpPacket& packet, const ReceiveTime&) override {
    Require(!started_ || packet.sequence == next_);
    started_ = true;
    next_ = static_cast<uint16_t>(packet.sequence + 1);
  }
  void OnMissing(uint64_t packets) override {
    Require(started_ && packets > 0);
    next_ = static_cast<uint16_t>(next_ + packets);
  }
  void OnNewSource() override { started_ = false; }

 private:
  bool started_ = false;
  uint16_t next_ = 0;
};

}  // namespace

// Packets as [milliseconds since the last, length, bytes].
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  OrderedListener listener;
  RtpReceiver receiver({.transport = input.Byte() & 1 ? RtpTransport::kUdp : RtpTransport::kTcp}, listener);
  int64_t now_us = 1'000'000;
  while (!input.empty()) {
    now_us += int64_t{input.Byte()} * 1000;
    const auto bytes = input.Bytes(input.Byte());
    if (const auto packet = RtpPacket::Parse(bytes)) receiver.Push(*packet, {now_us, now_us});
    receiver.Tick(now_us);
    if (const auto deadline = receiver.deadline_us()) {
      Require(*deadline > now_us && *deadline <= now_us + RtpReceiver::kWindowUs);
    }
  }
  receiver.Tick(now_us + RtpReceiver::kWindowUs);
  Require(!receiver.deadline_us());
  return 0;
}
