#include "ingest/net/rtsp_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/libav_errors.h"
#include "ingest/net/stream_format.h"

namespace framewell {
namespace {

constexpr int kMaxRedirects = 5;
// A few requests and receiver reports; more is waiting only when the camera does not read.
constexpr size_t kMaxOutbox = 64 * 1024;

ReceiveTime Now() {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return {duration_cast<microseconds>(IngestLoop::Clock::now().time_since_epoch()).count(),
          duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

IngestLoop::TimePoint FromMicroseconds(int64_t monotonic_us) {
  return IngestLoop::TimePoint(std::chrono::microseconds(monotonic_us));
}

std::string RandomHex() {
  std::array<uint8_t, 8> bytes;
  static_cast<void>(getrandom(bytes.data(), bytes.size(), 0));
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

uint32_t RandomSsrc() {
  uint32_t ssrc = 0;
  static_cast<void>(getrandom(&ssrc, sizeof ssrc, 0));
  return ssrc;
}

}  // namespace

RtspConnection::RtspConnection(RtspConnectionOptions options, IngestLoop& loop, PacketSink& sink,
                               std::function<void(const EngineError&)> on_ended)
    : options_(std::move(options)), loop_(loop), sink_(sink), on_ended_(std::move(on_ended)), url_(options_.url) {}

void RtspConnection::Begin() {
  self_ = shared_from_this();
  connect_deadline_ = IngestLoop::Clock::now() + options_.connect_timeout;
  LookUp();
  Rearm();
}

void RtspConnection::Stop() {
  if (ended_ || std::exchange(stopping_, true)) return;
  const EngineError stopped("ERR_STREAM_STOPPED", "The stream was stopped");
  if (!client_ || !tcp_connected_) return End(stopped);
  client_->Teardown(IngestLoop::Clock::now());
  Flush();
  Rearm();
}

// Connecting -----------------------------------------------------------------------------------------------------

void RtspConnection::LookUp() {
  // The look-up may outlive this object and the loop; neither is kept alive by it.
  LookUpHost(url_.host, url_.port, [weak = weak_from_this(), tasks = loop_.tasks()](LookUpResult result) {
    tasks->Post([weak, result = std::move(result)] {
      if (const auto self = weak.lock()) self->OnAddresses(result);
    });
  });
}

void RtspConnection::OnAddresses(LookUpResult result) {
  if (ended_) return;
  if (result.error) return End(*result.error);
  addresses_ = std::move(result.addresses);
  next_address_ = 0;
  Guarded([&] { ConnectNext(); });
}

void RtspConnection::ConnectNext() {
  while (next_address_ < addresses_.size()) {
    camera_ = addresses_[next_address_++];
    socket_ = FileDescriptor(socket(camera_.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_) return End(EngineError("ERR_RTSP_TRANSPORT", std::string("Expected a socket: ") + strerror(errno)));
    // Requests are small and each is answered: Nagle's algorithm would only hold them back.
    const int yes = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const auto* address = reinterpret_cast<const sockaddr*>(&camera_.address);
    if (connect(socket_.get(), address, camera_.length) == 0 || errno == EINPROGRESS) {
      loop_.Watch(socket_.get(), EPOLLOUT, *this);
      watches_writable_ = true;
      return;
    }
    connect_error_ = ClassifyConnectError(AVERROR(errno), "");
  }
  End(*connect_error_);
}

void RtspConnection::OnConnectReady() {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error == 0) return OnTcpConnected();
  connect_error_ = ClassifyConnectError(AVERROR(error), "");
  CloseSocket();
  ConnectNext();
}

void RtspConnection::OnTcpConnected() {
  tcp_connected_ = true;
  loop_.ChangeEvents(socket_.get(), EPOLLIN, *this);
  watches_writable_ = false;
  if (!client_) {
    RtspClientOptions options;
    options.url = url_;
    options.transport = options_.transport;
    options.track = options_.track;
    options.answer_timeout = options_.connect_timeout;
    options.client_nonce = RandomHex();
    if (options_.transport == RtspTransport::kUdp) {
      datagrams_ = DatagramSockets::Unicast(camera_);
      options.client_ports = datagrams_->ports();
    }
    client_.emplace(std::move(options), outbox_);
  }
  Handle(client_->OnConnected(IngestLoop::Clock::now()));
}

// Receiving ------------------------------------------------------------------------------------------------------

void RtspConnection::OnReady(uint32_t epoll_events) {
  Guarded([&] {
    if (!tcp_connected_) {
      OnConnectReady();
    } else {
      if (epoll_events & EPOLLOUT) Flush();
      if (!ended_ && (epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR))) Read();
    }
  });
}

void RtspConnection::Read() {
  const std::span<uint8_t> buffer = loop_.read_buffer();
  const size_t kept = unread_.size();
  std::copy_n(unread_.data().data(), kept, buffer.data());
  const ssize_t received = recv(socket_.get(), buffer.data() + kept, buffer.size() - kept, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) return OnClosed(received == 0 ? "ended the session" : "reset the connection");
  unread_.Clear();
  TakeElements(buffer.first(kept + static_cast<size_t>(received)));
}

void RtspConnection::OnClosed(const char* how) {
  if (playing_ && !stopping_) {
    return End(EngineError("ERR_STREAM_ENDED", std::string("Expected more packets but the camera ") + how));
  }
  Handle(client_->OnClosed());
}

void RtspConnection::TakeElements(std::span<const uint8_t> unread) {
  const ReceiveTime time = Now();
  const unsigned connection = connections_;
  for (;;) {
    const RtspElement element = framer_.Next(unread);
    if (element.kind == RtspElement::Kind::kNeedMore) break;
    if (element.kind == RtspElement::Kind::kInterleaved) {
      TakePacket(element, time);
    } else if (element.kind == RtspElement::Kind::kMessage) {
      const std::optional<RtspMessage> message = ParseRtspMessage(element.bytes);
      if (message) Handle(client_->OnMessage(*message, IngestLoop::Clock::now()));
    }
    // What is left of the bytes belongs to a connection that is no more.
    if (ended_ || connections_ != connection) return;
    unread = unread.subspan(element.consumed);
  }
  unread_.Append(unread);
}

void RtspConnection::TakePacket(const RtspElement& element, const ReceiveTime& time) {
  if (!track_ || stopping_) return;
  if (element.channel == channels_.rtp_channel) {
    track_->PushRtp(element.bytes, time);
    framer_.ExpectSource(track_->source());
  } else if (element.channel == channels_.rtcp_channel) {
    track_->PushRtcp(element.bytes, time);
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
          CloseSocket();
          next_address_ = 0;
          ConnectNext();
        } else if constexpr (std::is_same_v<Event, rtsp_event::Declined>) {
          End(EngineError(kDeclined, happened.reason));
        } else if constexpr (std::is_same_v<Event, rtsp_event::Failed>) {
          End(happened.error);
        } else if constexpr (std::is_same_v<Event, rtsp_event::TornDown>) {
          End(EngineError("ERR_STREAM_STOPPED", "The stream was stopped"));
        }
      },
      event);
  if (!ended_) Flush();
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
    framer_.Expect({channels_.rtp_channel, channels_.rtcp_channel, ready.track.payload_type});
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
    HostAddress local;
    local.length = sizeof local.address;
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&local.address), &local.length);
    datagrams_ = DatagramSockets::Multicast(multicast->group, multicast->ports, local);
  } else {
    const auto& udp = std::get<UdpDelivery>(delivery);
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
  if (++redirects_ > kMaxRedirects) {
    return End(EngineError("ERR_RTSP_STATUS", "Expected at most " + std::to_string(kMaxRedirects) +
                                                  " redirects but the camera answered with one more"));
  }
  if (url.scheme != "rtsp") return End(EngineError(kDeclined, "The camera redirects to " + url.scheme + "://"));
  CloseSocket();
  client_.reset();
  datagrams_.reset();
  url_ = std::move(url);
  LookUp();
}

// Sending --------------------------------------------------------------------------------------------------------

void RtspConnection::SendRtcp(std::span<const uint8_t> packet) {
  if (datagrams_) return datagrams_->SendRtcp(packet);
  // RFC 2326 section 10.12.
  outbox_ += '$';
  outbox_ += static_cast<char>(channels_.rtcp_channel);
  outbox_ += static_cast<char>(packet.size() >> 8);
  outbox_ += static_cast<char>(packet.size() & 0xff);
  outbox_.append(reinterpret_cast<const char*>(packet.data()), packet.size());
  Flush();
}

void RtspConnection::Flush() {
  if (!tcp_connected_ || outbox_.empty()) return;
  const ssize_t sent = send(socket_.get(), outbox_.data(), outbox_.size(), MSG_NOSIGNAL);
  if (sent > 0) outbox_.erase(0, static_cast<size_t>(sent));
  // A dead connection shows itself by the next read.
  if (outbox_.size() > kMaxOutbox) {
    return End(EngineError("ERR_RTSP_PROTOCOL", "Expected the camera to read what it is sent but it does not"));
  }
  if (outbox_.empty() != watches_writable_) return;
  watches_writable_ = !outbox_.empty();
  loop_.ChangeEvents(socket_.get(), watches_writable_ ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
}

// Time and end ---------------------------------------------------------------------------------------------------

IngestLoop::TimePoint RtspConnection::OnTimer(TimePoint now) {
  armed_ = TimePoint::max();
  Guarded([&] {
    if (stopping_) return Handle(client_->OnTick(now));
    if (!playing_ && now >= connect_deadline_) {
      return End(EngineError("ERR_RTSP_TIMEOUT", "Expected the camera to answer within " +
                                                     std::to_string(options_.connect_timeout.count()) +
                                                     " ms but it did not"));
    }
    if (playing_ && now >= last_unit_ + options_.stall_timeout) {
      return End(EngineError("ERR_STREAM_STALLED", "Expected an access unit within " +
                                                       std::to_string(options_.stall_timeout.count()) +
                                                       " ms but received none"));
    }
    if (playing_) track_->Tick(Now().monotonic_us);
    if (!ended_ && client_ && tcp_connected_) Handle(client_->OnTick(now));
  });
  return armed_;
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

void RtspConnection::CloseSocket() {
  if (socket_) loop_.Unwatch(socket_.get(), *this);
  socket_ = FileDescriptor();
  ++connections_;
  tcp_connected_ = false;
  outbox_.clear();
  unread_.Clear();
  framer_ = RtspFramer();
}

void RtspConnection::End(const EngineError& cause) {
  if (std::exchange(ended_, true)) return;
  // A camera that is left without a word keeps its session, and on UDP its packets coming, until it times out. One
  // try: nobody waits for a camera that does not read.
  if (client_ && tcp_connected_ && !stopping_) {
    client_->Teardown(IngestLoop::Clock::now());
    send(socket_.get(), outbox_.data(), outbox_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  CloseSocket();
  if (datagrams_) datagrams_->Unwatch(loop_);
  loop_.Forget(*this);
  // Later: this may be a call from inside the track or the client.
  loop_.tasks()->Post([self = std::move(self_), cause] { self->on_ended_(cause); });
}

void RtspConnection::PublishCounters() {
  const std::lock_guard lock(counters_mutex_);
  counters_ = {track_->counters(), framer_.junk_bytes(), framer_.resyncs()};
}

RtspConnection::Counters RtspConnection::counters() const {
  const std::lock_guard lock(counters_mutex_);
  return counters_;
}

}  // namespace framewell
