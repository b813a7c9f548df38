// Where access units come from. Sources differ in how they receive (libavformat's thread, pushed from
// JavaScript, later an epoll loop for many cameras); what a session hears from them is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine_error.h"
#include "ffmpeg_handles.h"
#include "ingest/byte_buffer.h"

namespace framewell {

struct FreeCodecParameters {
  void operator()(AVCodecParameters* parameters) const noexcept {
    avcodec_parameters_free(&parameters);
  }
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
};

}  // namespace framewell
