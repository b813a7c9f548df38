#include "ingest/rtp/rtp_track.h"
#include "rtp_fuzz_support.h"

using namespace framewell;

namespace {

class CheckingSink final : public RtpTrackSink {
 public:
  explicit CheckingSink(AVCodecID codec) : codec_(codec) {}

  void OnUnit(ReceivedUnit unit) override {
    Require(unit.keyframe.has_value());
    RequireUnit(unit.bytes, codec_);
  }
  void OnLoss(const RtpLoss& loss) override { Require(!loss.Describe().empty()); }
  void OnBye() override {}
  void SendRtcp(std::span<const uint8_t> packet) override { Require(ParseRtcp(packet).has_value()); }

 private:
  const AVCodecID codec_;
};

}  // namespace

// Packets as [channel and milliseconds since the last, length, bytes].
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr AVCodecID kCodecs[] = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MJPEG, AV_CODEC_ID_MPEG4};
  FuzzInput input(data, size);
  const uint8_t choice = input.Byte();
  RtpTrack::Options options;
  options.format.codec = kCodecs[choice & 3];
  options.format.has_decoding_order_numbers = choice & 4;
  options.receiver.transport = choice & 8 ? RtpTransport::kUdp : RtpTransport::kTcp;
  CheckingSink sink(options.format.codec);
  const auto track = RtpTrack::Create(options, sink);
  ReceiveTime now{.monotonic_us = 1'000'000, .unix_us = 1'790'000'000'000'000};
  track->Tick(now.monotonic_us);
  while (!input.empty()) {
    const uint8_t control = input.Byte();
    now.monotonic_us += (control & 0x7f) * 1000;
    now.unix_us += (control & 0x7f) * 1000;
    const auto bytes = input.Bytes(input.U16());
    if (control & 0x80) {
      track->PushRtcp(bytes, now);
    } else {
      track->PushRtp(bytes, now);
    }
    if (track->deadline_us() <= now.monotonic_us) track->Tick(now.monotonic_us);
    Require(track->deadline_us() > now.monotonic_us);
  }
  return 0;
}
