// Which receiver a camera gets: our own, and libavformat where that is asked for or needed.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "ingest/libav_source.h"
#include "ingest/net/rtsp_receiver.h"

namespace framewell {

struct CameraReceiverOptions {
  enum class Ingest {
    kAuto,   // Our own receiver; libavformat for what that declines.
    kLibav,  // libavformat from the start.
  };
  Ingest ingest = Ingest::kAuto;
  LibavSourceOptions libav;
  RtspConnectionOptions rtsp;
};

// Our own receiver first; when it declines the stream, libavformat takes over on a new connection, and the status
// says why. The sink sees one source.
class CameraReceiver final : public PacketSource, private PacketSink {
 public:
  CameraReceiver(CameraReceiverOptions options, IngestLoops& loops);
  ~CameraReceiver() override;

  void Start(PacketSink& sink) override;
  void RequestStop() noexcept override;
  void Join() noexcept override;
  SourceStatus status() const override;

 private:
  // PacketSink, for the receiver's calls.
  void OnConnected(StreamFormat format) override { sink_->OnConnected(std::move(format)); }
  void OnAccessUnit(ReceivedUnit unit) override { sink_->OnAccessUnit(std::move(unit)); }
  void OnLoss(const std::string& what) override { sink_->OnLoss(what); }
  void OnEnded(const EngineError& cause) noexcept override;

  void StartLibav(std::string reason);

  const CameraReceiverOptions options_;
  PacketSink* sink_ = nullptr;

  mutable std::mutex mutex_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::string reason_;     // Guarded by mutex_: why libavformat.
  // Set by Start, and by the receiver's last call; from then on they stay. The receiver is the last member: its
  // calls end before what they use goes.
  std::unique_ptr<LibavSource> libav_;  // Guarded by mutex_.
  std::unique_ptr<RtspReceiver> receiver_;
};

}  // namespace framewell
