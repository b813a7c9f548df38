#include "ingest/net/tcp_connector.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "ffmpeg_handles.h"
#include "ingest/libav_errors.h"

namespace framewell {

void TcpConnector::Connect(const std::string& host, uint16_t port) {
  host_ = host;
  // The look-up may outlive this object and the loop; neither is kept alive by it.
  LookUpHost(host, port, [weak = weak_from_this(), tasks = loop_.tasks()](LookUpResult result) {
    tasks->Post([weak, result = std::move(result)] {
      if (const auto self = weak.lock()) self->OnAddresses(result);
    });
  });
}

void TcpConnector::OnAddresses(const LookUpResult& result) {
  if (cancelled_) return;
  if (result.error) return listener_.OnConnectFailed(*result.error);
  Guarded([&] {
    addresses_ = networks_.Select(host_, result.addresses);
    next_ = 0;
    TryNext();
  });
}

void TcpConnector::ConnectAgain() {
  next_ = 0;
  Guarded([&] { TryNext(); });
}

void TcpConnector::TryNext() {
  while (next_ < addresses_.size()) {
    const HostAddress& camera = addresses_[next_++];
    socket_ = FileDescriptor(socket(camera.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_) throw EngineError("ERR_RTSP_TRANSPORT", std::string("Expected a socket: ") + strerror(errno));
    // Requests are small and each is answered: Nagle's algorithm would only hold them back.
    const int yes = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const auto* address = reinterpret_cast<const sockaddr*>(&camera.address);
    if (connect(socket_.get(), address, camera.length) == 0 || errno == EINPROGRESS) {
      return loop_.Watch(socket_.get(), EPOLLOUT, *this);
    }
    error_ = errno;
  }
  throw ClassifyConnectError(AVERROR(error_), "");
}

void TcpConnector::OnReady(uint32_t) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  FileDescriptor socket = TakeSocket();
  if (error == 0) return listener_.OnConnected(std::move(socket), addresses_[next_ - 1]);
  error_ = error;
  Guarded([&] { TryNext(); });
}

void TcpConnector::Cancel() {
  cancelled_ = true;
  TakeSocket();
}

FileDescriptor TcpConnector::TakeSocket() {
  if (socket_) loop_.Unwatch(socket_.get(), *this);
  return std::exchange(socket_, FileDescriptor());
}

template <typename Step>
void TcpConnector::Guarded(Step&& step) {
  try {
    step();
  } catch (const EngineError& error) {
    listener_.OnConnectFailed(error);
  } catch (const std::exception& error) {
    listener_.OnConnectFailed(EngineError("ERR_INTERNAL", error.what()));
  }
}

}  // namespace framewell
