#include "../native/libav_feed.h"
#include "rtp_fuzz_support.h"

using namespace framewell;

namespace {

class CheckingSink final : public PacketSink {
 public:
  void OnConnected(StreamFormat format) override {
    Require(!connected_ && format);
    connected_ = true;
    codec_ = format->codec_id;
  }
  void OnAccessUnit(ReceivedUnit unit) override {
    Require(connected_);
    Require(unit.bytes.size() > 0 && unit.bytes.size() <= AccessUnitBuilder::kMaxUnitBytes);
    if (codec_ == AV_CODEC_ID_H264 || codec_ == AV_CODEC_ID_HEVC) RequireUnit(unit.bytes, codec_);
  }
  void OnLoss(const std::string& what) override { Require(connected_ && !what.empty()); }
  void OnEnded(const EngineError&) noexcept override {}

 private:
  bool connected_ = false;
  AVCodecID codec_ = AV_CODEC_ID_NONE;
};

}  // namespace

// [length of the SDP, SDP], then packets as [length, bytes].
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzInput input(data, size);
  const auto sdp = input.Bytes(input.U16());
  std::vector<std::vector<uint8_t>> packets;
  while (!input.empty()) packets.push_back(input.Bytes(input.U16()));
  CheckingSink sink;
  Require(ReadByLibav({sdp.begin(), sdp.end()}, packets, sink).code().starts_with("ERR_"));
  return 0;
}
