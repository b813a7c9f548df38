#include "ingest/net/rtsp_socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine_error.h"
#include "ingest/rtsp/not_rtsp.h"

namespace framewell {
namespace {

// A few requests and receiver reports; more is waiting only when the camera does not read.
constexpr size_t kMaxOutbox = 64 * 1024;

}  // namespace

void RtspSocket::Open(FileDescriptor connected) {
  socket_ = std::move(connected);
  loop_.Watch(socket_.get(), EPOLLIN, handler_);
  watches_writable_ = false;
}

void RtspSocket::Close() {
  if (socket_) loop_.Unwatch(socket_.get(), handler_);
  socket_ = FileDescriptor();
  ++closings_;
  outbox_.clear();
  first_bytes_.clear();
  unread_.Clear();
  framer_ = RtspFramer();
}

void RtspSocket::Read(Listener& listener) {
  const std::span<uint8_t> buffer = loop_.read_buffer();
  const size_t kept = unread_.size();
  std::copy_n(unread_.data().data(), kept, buffer.data());
  const ssize_t received = recv(socket_.get(), buffer.data() + kept, buffer.size() - kept, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) return listener.OnClosedByCamera(received == 0 ? "ended the session" : "reset the connection");
  unread_.Clear();
  const auto unread = buffer.first(kept + static_cast<size_t>(received));
  if (first_bytes_.size() < kTellingProtocolBytes) {
    const auto more = unread.subspan(kept).first(
        std::min(static_cast<size_t>(received), kTellingProtocolBytes - first_bytes_.size()));
    first_bytes_.append(more.begin(), more.end());
  }
  TakeElements(unread, listener);
}

void RtspSocket::TakeElements(std::span<const uint8_t> unread, Listener& listener) {
  const unsigned closings = closings_;
  for (;;) {
    const RtspElement element = framer_.Next(unread);
    if (element.kind == RtspElement::Kind::kNeedMore) break;
    listener.OnElement(element);
    // What is left of the bytes belongs to a connection that is no more.
    if (closings_ != closings) return;
    unread = unread.subspan(element.consumed);
  }
  unread_.Append(unread);
}

void RtspSocket::Flush() {
  if (!socket_ || outbox_.empty()) return;
  SendWhatFits();
  // A dead connection shows itself by the next read.
  if (outbox_.size() > kMaxOutbox) {
    throw EngineError("ERR_RTSP_PROTOCOL", "Expected the camera to read what it is sent but it does not");
  }
  if (outbox_.empty() != watches_writable_) return;
  watches_writable_ = !outbox_.empty();
  loop_.ChangeEvents(socket_.get(), watches_writable_ ? EPOLLIN | EPOLLOUT : EPOLLIN, handler_);
}

void RtspSocket::SendPacket(uint8_t channel, std::span<const uint8_t> packet) {
  // RFC 2326 section 10.12.
  outbox_ += '$';
  outbox_ += static_cast<char>(channel);
  outbox_ += static_cast<char>(packet.size() >> 8);
  outbox_ += static_cast<char>(packet.size() & 0xff);
  outbox_.append(reinterpret_cast<const char*>(packet.data()), packet.size());
  Flush();
}

void RtspSocket::SendWhatFits() {
  const ssize_t sent = send(socket_.get(), outbox_.data(), outbox_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) outbox_.erase(0, static_cast<size_t>(sent));
}

}  // namespace framewell
