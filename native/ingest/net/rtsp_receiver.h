// A camera received by our own RTSP client: a place on an ingest loop instead of a thread.
#pragma once

#include <latch>
#include <memory>

#include "ingest/net/ingest_loop.h"
#include "ingest/net/rtsp_connection.h"
#include "ingest/packet_source.h"

namespace framewell {

// Ends with RtspConnection::kDeclined when the stream is one for libavformat.
class RtspReceiver final : public PacketSource {
 public:
  // `loops` outlives the receiver.
  RtspReceiver(RtspConnectionOptions options, IngestLoops& loops);
  ~RtspReceiver() override;

  void Start(PacketSink& sink) override;
  void RequestStop() noexcept override;
  void Join() noexcept override { ended_.wait(); }
  SourceStatus status() const override;

 private:
  const RtspConnectionOptions options_;
  IngestLoops::Lease lease_;
  IngestLoop& loop_;
  std::shared_ptr<RtspConnection> connection_;
  std::latch ended_{1};
};

}  // namespace framewell
