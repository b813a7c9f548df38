// One camera on an ingest loop: its RTSP connection, its UDP sockets if it has any, and its track.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "ingest/host_resolver.h"
#include "ingest/net/datagram_sockets.h"
#include "ingest/net/file_descriptor.h"
#include "ingest/net/ingest_loop.h"
#include "ingest/packet_source.h"
#include "ingest/rtp/rtp_track.h"
#include "ingest/rtsp/rtsp_client.h"
#include "ingest/rtsp/rtsp_framer.h"

namespace framewell {

struct RtspConnectionOptions {
  RtspUrl url;
  RtspTransport transport = RtspTransport::kTcp;
  // Which of the camera's video tracks, from 1; the first that we can depacketize when absent.
  std::optional<size_t> track;
  // From the look-up of the name to the answer to PLAY.
  std::chrono::milliseconds connect_timeout{10'000};
  // Longest time without an access unit.
  std::chrono::milliseconds stall_timeout{10'000};
};

// Everything happens on the loop's thread. Ends once, by `on_ended`, which is called from the loop and not from
// within another call of this object; until then it keeps itself alive.
class RtspConnection final : public std::enable_shared_from_this<RtspConnection>,
                             private IngestLoop::SocketHandler,
                             private IngestLoop::TimerHandler,
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
  // RtpTrackSink.
  void OnUnit(ReceivedUnit unit) override;
  void OnLoss(const RtpLoss& loss) override;
  void OnBye() override;
  void SendRtcp(std::span<const uint8_t> packet) override;

  // Connecting.
  void LookUp();
  void OnAddresses(LookUpResult result);
  void ConnectNext();
  void OnConnectReady();
  void OnTcpConnected();
  // Receiving.
  void Read();
  void OnClosed(const char* how);
  void TakeElements(std::span<const uint8_t> unread);
  void TakePacket(const RtspElement& element, const ReceiveTime& time);
  // What the protocol says.
  void Handle(RtspEvent event);
  void OnTrackReady(const rtsp_event::TrackReady& ready);
  void OpenDatagrams(const RtpDelivery& delivery);
  void OnRedirect(RtspUrl url);
  // Sending.
  void Flush();

  void CloseSocket();
  void End(const EngineError& cause);
  // Runs `step`; an error that the sink throws ends the connection.
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
  std::vector<HostAddress> addresses_;
  size_t next_address_ = 0;
  HostAddress camera_;
  std::optional<EngineError> connect_error_;

  FileDescriptor socket_;
  unsigned connections_ = 0;  // TCP connections closed so far: tells whether bytes belong to the current one.
  bool tcp_connected_ = false;
  bool watches_writable_ = false;
  std::string outbox_;
  ByteBuffer unread_;  // The beginning of an element whose rest has not come yet.
  RtspFramer framer_;
  std::optional<RtspClient> client_;
  std::optional<DatagramSockets> datagrams_;
  std::unique_ptr<RtpTrack> track_;
  InterleavedDelivery channels_;

  bool playing_ = false;
  bool stopping_ = false;
  bool ended_ = false;
  TimePoint connect_deadline_;
  TimePoint last_unit_;
  TimePoint armed_ = TimePoint::max();

  mutable std::mutex counters_mutex_;
  Counters counters_;  // Guarded by counters_mutex_; written by the loop, read by any thread.
};

}  // namespace framewell
