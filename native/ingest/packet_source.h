// Where access units come from. Sources differ in how they receive (a place on an epoll loop for many cameras, a
// thread of libavformat's); what a session hears from them is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine_error.h"
#include "ffmpeg_handles.h"
#include "ingest/byte_buffer.h"

namespace framewell {

struct FreeCodecParameters {
  void operator()(AVCodecParameters* parameters) const noexcept { avcodec_parameters_free(&parameters); }
};

// What the stream said of itself before its first packet (SDP). Shared read-only between threads.
using StreamFormat = std::shared_ptr<const AVCodecParameters>;

// An access unit as received, not yet numbered.
struct ReceivedUnit {
  // Annex B for H.264 and H.265, the codec's own framing otherwise. Sealed.
  ByteBuffer bytes;
  int64_t pts_us = 0;
  // When its last packet arrived, Unix time.
  int64_t received_unix_us = 0;
  // Decoding can start here. Absent when the source did not look.
  std::optional<bool> keyframe = std::nullopt;
  // When the camera took the picture by the camera's own clock (RTCP sender reports), Unix time.
  std::optional<int64_t> capture_unix_us = std::nullopt;
};

// Hears from a source, on the source's own thread, in this order: OnConnected once, units and losses
// any number of times, OnEnded once and last. An EngineError thrown by the first two ends the source
// with that error.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  virtual void OnConnected(StreamFormat format) = 0;
  virtual void OnAccessUnit(ReceivedUnit unit) = 0;
  // Packets are missing before the next access unit; `what` says how that is known.
  virtual void OnLoss(const std::string& what) = 0;
  virtual void OnEnded(const EngineError& cause) noexcept = 0;
};

// What happened to a camera's packets.
struct PacketCounters {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t lost = 0;
  // Came after a packet with a higher sequence number, yet in time.
  uint64_t reordered = 0;
  uint64_t malformed = 0;
  // Bytes between packets that belong to nothing.
  uint64_t junk_bytes = 0;
};

struct SourceStatus {
  // "rtsp" (our own receiver) or "libav".
  std::string ingest;
  // Why not our own receiver; empty when it is.
  std::string reason;
  // libavformat does not tell.
  std::optional<PacketCounters> packets;
};

// The destructor ends the source and waits for its thread, and so must not run on that thread.
class PacketSource {
 public:
  virtual ~PacketSource() = default;
  // Called once. `sink` must outlive the source.
  virtual void Start(PacketSink& sink) = 0;
  // Asks the source to end; returns at once. OnEnded follows with ERR_STREAM_STOPPED. From any thread.
  virtual void RequestStop() noexcept = 0;
  // Waits until OnEnded has returned. Not from the source's own thread, and from one other only.
  virtual void Join() noexcept = 0;
  // From any thread, after Start.
  virtual SourceStatus status() const = 0;
};

}  // namespace framewell
