#include "ingest/net/rtsp_receiver.h"

#include <utility>

namespace framewell {

RtspReceiver::RtspReceiver(RtspConnectionOptions options, IngestLoops& loops)
    : options_(std::move(options)), lease_(loops.Take()), loop_(lease_.loop()) {}

RtspReceiver::~RtspReceiver() {
  if (!connection_) return;
  RequestStop();
  Join();
}

void RtspReceiver::Start(PacketSink& sink) {
  connection_ = std::make_shared<RtspConnection>(options_, loop_, sink, [this, &sink](const EngineError& cause) {
    sink.OnEnded(cause);
    ended_.count_down();
  });
  loop_.tasks()->Post([connection = connection_] { connection->Begin(); });
}

void RtspReceiver::RequestStop() noexcept {
  loop_.tasks()->Post([connection = connection_] { connection->Stop(); });
}

SourceStatus RtspReceiver::status() const {
  const RtspConnection::Counters counters = connection_->counters();
  SourceStatus status;
  status.ingest = "rtsp";
  status.packets = PacketCounters{.packets = counters.track.packets,
                                  .bytes = counters.track.bytes,
                                  .lost = counters.track.receiver.missing,
                                  .reordered = counters.track.receiver.reordered,
                                  .malformed = counters.track.malformed,
                                  .junk_bytes = counters.junk_bytes};
  return status;
}

}  // namespace framewell
