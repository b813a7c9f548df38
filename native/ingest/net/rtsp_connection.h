// One camera on an ingest loop: its RTSP connection, its UDP sockets if it has any, and its track.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "ingest/camera_networks.h"
#include "ingest/net/datagram_sockets.h"
#include "ingest/net/ingest_loop.h"
#include "ingest/net/rtsp_socket.h"
#include "ingest/net/tcp_connector.h"
#include "ingest/packet_source.h"
#include "ingest/rtp/rtp_track.h"
#include "ingest/rtsp/rtsp_client.h"

namespace framewell {

struct RtspConnectionOptions {
  RtspUrl url;
  RtspTransport transport = RtspTransport::kTcp;
  // Which of the camera's video tracks, from 1; the first that we can depacketize when absent.
  std::optional<size_t> track;
  // Nothing is sent to other addresses, whatever names resolve to and cameras say.
  CameraNetworks networks;
  // From the look-up of the name to the answer to PLAY.
  std::chrono::milliseconds connect_timeout{10'000};
  // Longest time without an access unit.
  std::chrono::milliseconds stall_timeout{10'000};
};

// Owns what one session needs and passes on what happens between them: the connector opens a TCP connection, the socket
// cuts its bytes into messages and packets, the client answers messages with messages, the track makes access units of
// packets. Redirects and lost logins go back to the connector.
//
// Everything happens on the loop's thread. Ends once, by `on_ended`, which is called from the loop and not from
// within another call of this object; until then it keeps itself alive.
class RtspConnection final : public std::enable_shared_from_this<RtspConnection>,
                             private IngestLoop::SocketHandler,
                             private IngestLoop::TimerHandler,
                             private TcpConnector::Listener,
                             private RtspSocket::Listener,
                             private RtpTrackSink {
 public:
  struct Counters {
    RtpTrack::Counters track;
    uint64_t junk_bytes = 0;
    uint64_t resyncs = 0;
  };

  RtspConnection(RtspConnectionOptions options, IngestLoop& loop, PacketSink& sink,
                 std::function<void(const EngineError&)> on_ended);

  void Begin();
  void Stop();

  // From any thread.
  Counters counters() const;

  // The one code of `on_ended` that is not for people: the stream is for libavformat, the message says why.
  static constexpr const char* kDeclined = "ERR_INGEST_DECLINED";

 private:
  using TimePoint = IngestLoop::TimePoint;

  // SocketHandler and TimerHandler.
  void OnReady(uint32_t epoll_events) override;
  TimePoint OnTimer(TimePoint now) override;
  // TcpConnector::Listener.
  void OnConnected(FileDescriptor socket, const HostAddress& camera) override;
  void OnConnectFailed(const EngineError& cause) override { End(cause); }
  // RtspSocket::Listener.
  void OnElement(const RtspElement& element) override;
  void OnClosedByCamera(const char* how) override;
  // RtpTrackSink.
  void OnUnit(ReceivedUnit unit) override;
  void OnLoss(const RtpLoss& loss) override;
  void OnBye() override;
  void SendRtcp(std::span<const uint8_t> packet) override;

  void BeginClient(const HostAddress& camera);
  void TakePacket(const RtspElement& element);
  // What the protocol says.
  void Handle(RtspEvent event);
  void OnTrackReady(const rtsp_event::TrackReady& ready);
  void OpenDatagrams(const RtpDelivery& delivery);
  void OnRedirect(RtspUrl url);

  EngineError ConnectTimeout() const;
  void LeaveServer();
  void End(const EngineError& cause);
  // Runs `step`; an error that it throws ends the connection.
  template <typename Step>
  void Guarded(Step&& step);
  TimePoint NextDeadline() const;
  void Rearm();
  void PublishCounters();

  const RtspConnectionOptions options_;
  IngestLoop& loop_;
  PacketSink& sink_;
  const std::function<void(const EngineError&)> on_ended_;
  std::shared_ptr<RtspConnection> self_;  // Until the end.

  RtspUrl url_;  // After redirects, another one than in the options.
  int redirects_ = 0;
  const std::shared_ptr<TcpConnector> connector_;
  RtspSocket socket_;
  // All below from the first connection on; a redirect begins with others.
  std::optional<RtspClient> client_;
  std::optional<DatagramSockets> datagrams_;
  std::unique_ptr<RtpTrack> track_;
  InterleavedDelivery channels_;

  bool playing_ = false;
  bool stopping_ = false;
  bool ended_ = false;
  ReceiveTime read_at_;  // When the bytes under way were read.
  TimePoint connect_deadline_;
  TimePoint last_unit_;
  TimePoint armed_ = TimePoint::max();

  mutable std::mutex counters_mutex_;
  Counters counters_;  // Guarded by counters_mutex_; written by the loop, read by any thread.
};

}  // namespace framewell
