#include "ingest/net/rtsp_connection.h"

#include <algorithm>
#include <utility>

#include "ingest/net/random_ids.h"
#include "ingest/net/stream_format.h"
#include "ingest/rtsp/not_rtsp.h"

namespace framewell {
namespace {

ReceiveTime Now() {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return {duration_cast<microseconds>(IngestLoop::Clock::now().time_since_epoch()).count(),
          duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

IngestLoop::TimePoint FromMicroseconds(int64_t monotonic_us) {
  return IngestLoop::TimePoint(std::chrono::microseconds(monotonic_us));
}

EngineError Stopped() { return {"ERR_STREAM_STOPPED", "The stream was stopped"}; }

}  // namespace

RtspConnection::RtspConnection(RtspConnectionOptions options, IngestLoop& loop, PacketSink& sink,
                               std::function<void(const EngineError&)> on_ended)
    : options_(std::move(options)),
      loop_(loop),
      sink_(sink),
      on_ended_(std::move(on_ended)),
      url_(options_.url),
      connector_(std::make_shared<TcpConnector>(loop, static_cast<TcpConnector::Listener&>(*this), options_.networks)),
      socket_(loop, *this) {}

void RtspConnection::Begin() {
  self_ = shared_from_this();
  connect_deadline_ = IngestLoop::Clock::now() + options_.connect_timeout;
  connector_->Connect(url_.host, url_.port);
  Rearm();
}

void RtspConnection::Stop() {
  if (ended_ || std::exchange(stopping_, true)) return;
  if (!client_ || !socket_.is_open()) return End(Stopped());
  Guarded([&] {
    client_->Teardown(IngestLoop::Clock::now());
    socket_.Flush();
  });
}

// Connecting and receiving ---------------------------------------------------------------------------------------

void RtspConnection::OnConnected(FileDescriptor socket, const HostAddress& camera) {
  Guarded([&] {
    socket_.Open(std::move(socket));
    if (!client_) BeginClient(camera);
    Handle(client_->OnConnected(IngestLoop::Clock::now()));
  });
}

void RtspConnection::BeginClient(const HostAddress& camera) {
  RtspClientOptions options;
  options.url = url_;
  options.transport = options_.transport;
  options.track = options_.track;
  options.answer_timeout = options_.connect_timeout;
  options.client_nonce = RandomNonce();
  if (options_.transport == RtspTransport::kUdp) {
    datagrams_ = DatagramSockets::Unicast(camera);
    options.client_ports = datagrams_->ports();
  }
  client_.emplace(std::move(options), socket_.outbox());
}

void RtspConnection::OnReady(uint32_t epoll_events) {
  Guarded([&] {
    if (epoll_events & EPOLLOUT) socket_.Flush();
    if (epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
      read_at_ = Now();
      socket_.Read(*this);
    }
  });
}

void RtspConnection::OnClosedByCamera(const char* how) {
  if (playing_ && !stopping_) {
    return End(EngineError("ERR_STREAM_ENDED", std::string("Expected more packets but the camera ") + how));
  }
  Handle(client_->OnClosed());
}

void RtspConnection::OnElement(const RtspElement& element) {
  if (element.kind == RtspElement::Kind::kInterleaved) {
    TakePacket(element);
  } else if (element.kind == RtspElement::Kind::kMessage) {
    const std::optional<RtspMessage> message = ParseRtspMessage(element.bytes);
    if (message) Handle(client_->OnMessage(*message, IngestLoop::Clock::now()));
  } else if (!playing_) {
    // While it plays, order is found again. Before, what is not understood may be the answer that is waited for.
    if (const auto cause = WhyNotRtsp(element, socket_.first_bytes())) End(*cause);
  }
}

void RtspConnection::TakePacket(const RtspElement& element) {
  if (!track_ || stopping_) return;
  if (element.channel == channels_.rtp_channel) {
    track_->PushRtp(element.bytes, read_at_);
    socket_.framer().ExpectSource(track_->source());
  } else if (element.channel == channels_.rtcp_channel) {
    track_->PushRtcp(element.bytes, read_at_);
  }
}

void RtspConnection::OnUnit(ReceivedUnit unit) {
  last_unit_ = IngestLoop::Clock::now();
  PublishCounters();
  sink_.OnAccessUnit(std::move(unit));
}

void RtspConnection::OnLoss(const RtpLoss& loss) {
  PublishCounters();
  sink_.OnLoss(loss.Describe());
}

// Some servers say goodbye and go on with another SSRC. Where nothing follows, the stall time-out ends the session.
void RtspConnection::OnBye() {}

// What the protocol says ----------------------------------------------------------------------------------------

void RtspConnection::Handle(RtspEvent event) {
  std::visit(
      [&]<typename Event>(Event& happened) {
        if constexpr (std::is_same_v<Event, rtsp_event::TrackReady>) {
          OnTrackReady(happened);
        } else if constexpr (std::is_same_v<Event, rtsp_event::Playing>) {
          playing_ = true;
          last_unit_ = IngestLoop::Clock::now();
          track_->Tick(Now().monotonic_us);
        } else if constexpr (std::is_same_v<Event, rtsp_event::Redirect>) {
          OnRedirect(happened.url);
        } else if constexpr (std::is_same_v<Event, rtsp_event::Reconnect>) {
          socket_.Close();
          connector_->ConnectAgain();
        } else if constexpr (std::is_same_v<Event, rtsp_event::Declined>) {
          End(EngineError(kDeclined, happened.reason));
        } else if constexpr (std::is_same_v<Event, rtsp_event::Failed>) {
          End(happened.error);
        } else if constexpr (std::is_same_v<Event, rtsp_event::TornDown>) {
          End(Stopped());
        }
      },
      event);
  socket_.Flush();
}

void RtspConnection::OnTrackReady(const rtsp_event::TrackReady& ready) {
  RtpTrack::Options options;
  options.receiver.payload_type = ready.track.payload_type;
  options.receiver.clock_rate = ready.track.clock_rate;
  options.receiver.announced_ssrc = ready.ssrc;
  options.format = MakePayloadFormat(ready.track);
  options.receiver_ssrc = RandomSsrc();
  options.cname = "framewell";
  if (const auto* interleaved = std::get_if<InterleavedDelivery>(&ready.delivery)) {
    channels_ = *interleaved;
    socket_.framer().Expect({channels_.rtp_channel, channels_.rtcp_channel, ready.track.payload_type});
  } else {
    options.receiver.transport = RtpTransport::kUdp;
    OpenDatagrams(ready.delivery);
  }
  track_ = RtpTrack::Create(options, *this);
  if (!track_) {
    return End(EngineError(kDeclined, "No depacketizer for " + ready.track.encoding));
  }
  sink_.OnConnected(MakeStreamFormat(ready.track));
}

void RtspConnection::OpenDatagrams(const RtpDelivery& delivery) {
  if (const auto* multicast = std::get_if<MulticastDelivery>(&delivery)) {
    options_.networks.Require(multicast->group);
    HostAddress local;
    local.length = sizeof local.address;
    getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&local.address), &local.length);
    datagrams_ = DatagramSockets::Multicast(multicast->group, multicast->ports, local);
  } else {
    const auto& udp = std::get<UdpDelivery>(delivery);
    if (!udp.source.empty()) options_.networks.Require(udp.source);
    datagrams_->PunchHoles(udp.source, udp.server_ports);
  }
  datagrams_->Watch(
      loop_,
      [this](std::span<const uint8_t> datagram) {
        Guarded([&] {
          if (!stopping_) track_->PushRtp(datagram, Now());
        });
      },
      [this](std::span<const uint8_t> datagram) {
        Guarded([&] {
          if (!stopping_) track_->PushRtcp(datagram, Now());
        });
      });
}

void RtspConnection::OnRedirect(RtspUrl url) {
  // RFC 2326 10.10. What follows would be another stream, and the session has pictures of this one.
  if (playing_) {
    return End(EngineError("ERR_STREAM_ENDED", "Expected more packets but the camera sends us to another server"));
  }
  if (++redirects_ > kMaxRedirects) {
    return End(EngineError("ERR_RTSP_REDIRECT", "Expected at most " + std::to_string(kMaxRedirects) +
                                                    " redirects but the camera answered with one more"));
  }
  if (url.scheme != "rtsp") return End(EngineError(kDeclined, "The camera redirects to " + url.scheme + "://"));
  LeaveServer();
  client_.reset();
  datagrams_.reset();
  url_ = std::move(url);
  connector_->Connect(url_.host, url_.port);
}

// Sending --------------------------------------------------------------------------------------------------------

void RtspConnection::SendRtcp(std::span<const uint8_t> packet) {
  if (datagrams_) return datagrams_->SendRtcp(packet);
  socket_.SendPacket(channels_.rtcp_channel, packet);
}

// Time and end ---------------------------------------------------------------------------------------------------

IngestLoop::TimePoint RtspConnection::OnTimer(TimePoint now) {
  armed_ = TimePoint::max();
  Guarded([&] {
    if (stopping_) return Handle(client_->OnTick(now));
    if (!playing_ && now >= connect_deadline_) return End(ConnectTimeout());
    if (playing_ && now >= last_unit_ + options_.stall_timeout) {
      return End(EngineError("ERR_STREAM_STALLED", "Expected an access unit within " +
                                                       std::to_string(options_.stall_timeout.count()) +
                                                       " ms but received none"));
    }
    if (playing_) track_->Tick(Now().monotonic_us);
    if (!ended_ && client_ && socket_.is_open()) Handle(client_->OnTick(now));
  });
  return armed_;
}

EngineError RtspConnection::ConnectTimeout() const {
  const std::string expected =
      "Expected the camera to answer within " + std::to_string(options_.connect_timeout.count()) + " ms but it ";
  const uint64_t junk = socket_.framer().junk_bytes();
  if (junk == 0) return {"ERR_RTSP_TIMEOUT", expected + "did not"};
  return {"ERR_RTSP_PROTOCOL", expected + "sent " + std::to_string(junk) + " bytes that are no RTSP"};
}

IngestLoop::TimePoint RtspConnection::NextDeadline() const {
  // Nothing is received any more, so neither stall nor report is due.
  if (stopping_) return client_->NextDeadline();
  TimePoint deadline = playing_ ? last_unit_ + options_.stall_timeout : connect_deadline_;
  if (client_) deadline = std::min(deadline, client_->NextDeadline());
  if (playing_) deadline = std::min(deadline, FromMicroseconds(track_->deadline_us()));
  return deadline;
}

// Deadlines that moved away need no call: the timer comes early once and is set anew.
void RtspConnection::Rearm() {
  const TimePoint deadline = NextDeadline();
  if (deadline >= armed_) return;
  armed_ = deadline;
  loop_.CallAt(deadline, *this);
}

template <typename Step>
void RtspConnection::Guarded(Step&& step) {
  try {
    step();
  } catch (const EngineError& error) {
    End(error);
  } catch (const std::exception& error) {
    End(EngineError("ERR_INTERNAL", error.what()));
  }
  if (!ended_) Rearm();
}

// A camera that is left without a word keeps its session, and on UDP its packets coming, until it times out. One try:
// nobody waits for a camera that does not read.
void RtspConnection::LeaveServer() {
  if (client_ && socket_.is_open() && !stopping_) {
    client_->Teardown(IngestLoop::Clock::now());
    socket_.SendWhatFits();
  }
  socket_.Close();
  if (datagrams_) datagrams_->Unwatch(loop_);
}

void RtspConnection::End(const EngineError& cause) {
  if (std::exchange(ended_, true)) return;
  connector_->Cancel();
  LeaveServer();
  loop_.Forget(*this);
  // Later: this may be a call from inside the track or the client.
  loop_.tasks()->Post([self = std::move(self_), cause] { self->on_ended_(cause); });
}

void RtspConnection::PublishCounters() {
  const std::lock_guard lock(counters_mutex_);
  counters_ = {track_->counters(), socket_.framer().junk_bytes(), socket_.framer().resyncs()};
}

RtspConnection::Counters RtspConnection::counters() const {
  const std::lock_guard lock(counters_mutex_);
  return counters_;
}

}  // namespace framewell
