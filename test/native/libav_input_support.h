// What libavformat makes of a clip's RTP packets.
#pragma once

#include <string>
#include <vector>

#include "ingest/packet_source.h"
#include "libav_feed.h"
#include "rtp_clip_support.h"

namespace framewell::testing {

// The camera's SDP for a clip.
std::string SdpOf(const RtpClip& clip);

// What a session hears from libavformat, in a form that is easy to compare.
struct HeardSink final : PacketSink {
  struct Unit {
    Bytes bytes;
    int64_t pts_us;
    std::optional<bool> keyframe;
  };

  void OnConnected(StreamFormat) override { ++connected; }
  void OnAccessUnit(ReceivedUnit unit) override {
    units.push_back({ToBytes(unit.bytes.data()), unit.pts_us, unit.keyframe});
  }
  void OnLoss(const std::string& what) override { losses.push_back(what); }
  void OnEnded(const EngineError&) noexcept override {}

  int connected = 0;
  std::vector<Unit> units;
  std::vector<std::string> losses;
};

}  // namespace framewell::testing
