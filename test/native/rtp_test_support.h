// RTP packets to feed to the receiver's parts, and what comes out of them, in a form that is easy to compare.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ingest/annex_b.h"
#include "ingest/rtp/rtp_track.h"

namespace framewell::testing {

using Bytes = std::vector<uint8_t>;

inline Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Bytes ToBytes(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

// `size` bytes in which no start code occurs.
inline Bytes Filling(size_t size, uint8_t first = 0x80) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(first + i % 100 + (i % 100 ? 0 : 1));
  return bytes;
}

struct RtpFields {
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  bool marker = false;
  uint32_t ssrc = 0x11223344;
  uint8_t payload_type = 96;
};

inline Bytes MakeRtp(const RtpFields& fields, const Bytes& payload) {
  Bytes bytes(12);
  bytes[0] = 0x80;
  bytes[1] = static_cast<uint8_t>((fields.marker ? 0x80 : 0) | fields.payload_type);
  WriteU16(bytes, 2, fields.sequence);
  WriteU32(bytes, 4, fields.timestamp);
  WriteU32(bytes, 8, fields.ssrc);
  return bytes + payload;
}

// The NAL units of an Annex B stream.
inline std::vector<Bytes> NalUnits(std::span<const uint8_t> stream) {
  std::vector<Bytes> nals;
  AnnexBReader reader(stream);
  while (reader.Header()) nals.push_back(ToBytes(reader.Take()));
  return nals;
}

inline Bytes AnnexB(std::initializer_list<Bytes> nals) {
  Bytes stream;
  for (const Bytes& nal : nals) stream = stream + Bytes{0, 0, 0, 1} + nal;
  return stream;
}

// Payloads of one timestamp, and the access unit that they make.
struct UnitCase {
  std::string name;
  std::vector<Bytes> payloads;
  Bytes unit;
  bool keyframe;
};

// A track and all that it said.
class TrackUnderTest final : public RtpTrackSink {
 public:
  struct Unit {
    Bytes bytes;
    int64_t pts_us;
    int64_t received_unix_us;
    bool keyframe;
    std::optional<int64_t> capture_unix_us;
    // How many losses were told before it.
    size_t losses_before;
  };

  explicit TrackUnderTest(AVCodecID codec, RtpTransport transport = RtpTransport::kTcp)
      : TrackUnderTest({.receiver = {.transport = transport},
                        .format = {.codec = codec},
                        .receiver_ssrc = 0xcafe0001,
                        .cname = "framewell"}) {}
  explicit TrackUnderTest(const RtpTrack::Options& options) : track_(RtpTrack::Create(options, *this)) {}

  RtpTrack& track() { return *track_; }
  RtpTrack* operator->() { return track_.get(); }

  // The next packet in sequence, one frame interval of 25 a second after each 3600 ticks.
  void Send(uint32_t timestamp, bool marker, const Bytes& payload) {
    SendRtp(MakeRtp({next_sequence_++, timestamp, marker}, payload));
  }
  void Skip(uint16_t packets) { next_sequence_ += packets; }
  // The unit of these payloads, sent with one timestamp. `next` begins another, so that the unit ends.
  Unit UnitOf(const std::vector<Bytes>& payloads, const Bytes& next) {
    for (const Bytes& payload : payloads) Send(0, false, payload);
    Send(3600, false, next);
    CHECK(losses.empty());
    REQUIRE(units.size() == 1);
    return units[0];
  }
  void SendRtp(const Bytes& packet) {
    now.monotonic_us += 100;
    now.unix_us += 100;
    // A block of its own, so that AddressSanitizer sees the first byte read beyond it.
    const Bytes exact(packet);
    track_->PushRtp(exact, now);
  }

  void OnUnit(ReceivedUnit unit) override {
    units.push_back({ToBytes(unit.bytes.data()), unit.pts_us, unit.received_unix_us, unit.keyframe.value(),
                     unit.capture_unix_us, losses.size()});
  }
  void OnLoss(const RtpLoss& loss) override { losses.push_back(loss); }
  void OnBye() override { ++byes; }
  void SendRtcp(std::span<const uint8_t> packet) override { rtcp.push_back(ToBytes(packet)); }

  std::vector<Unit> units;
  std::vector<RtpLoss> losses;
  std::vector<Bytes> rtcp;
  int byes = 0;
  ReceiveTime now{.monotonic_us = 1'000'000, .unix_us = 1'790'000'000'000'000};

 private:
  std::unique_ptr<RtpTrack> track_;
  uint16_t next_sequence_ = 1000;
};

}  // namespace framewell::testing
