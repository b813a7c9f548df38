// The bytes of one RTSP connection: cuts what comes into elements, and keeps what is to be sent until it is taken.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "ingest/byte_buffer.h"
#include "ingest/net/file_descriptor.h"
#include "ingest/net/ingest_loop.h"
#include "ingest/rtsp/rtsp_framer.h"

namespace framewell {

// Lives on its loop's thread. May be opened again, for another connection, which begins with nothing of the one before.
class RtspSocket {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // A message, a packet or junk; lies in the loop's read buffer. May close the socket: nothing follows then.
    virtual void OnElement(const RtspElement& element) = 0;
    // Closed by the other side; `how` completes "the camera …".
    virtual void OnClosedByCamera(const char* how) = 0;
  };

  // `handler` is told when the socket is ready, and then calls Read() and Flush().
  RtspSocket(IngestLoop& loop, IngestLoop::SocketHandler& handler) : loop_(loop), handler_(handler) {}

  void Open(FileDescriptor connected);
  void Close();
  bool is_open() const { return static_cast<bool>(socket_); }
  int fd() const { return socket_.get(); }

  // Takes what has come.
  void Read(Listener& listener);

  // The very first that the other side sent, kTellingProtocolBytes at most.
  const std::string& first_bytes() const { return first_bytes_; }

  // What waits to be sent; whoever appends calls Flush().
  std::string& outbox() { return outbox_; }
  // Throws EngineError ERR_RTSP_PROTOCOL when the other side does not read.
  void Flush();
  // In an interleaved channel.
  void SendPacket(uint8_t channel, std::span<const uint8_t> packet);
  // One try, for a connection that is closed next.
  void SendWhatFits();

  RtspFramer& framer() { return framer_; }
  const RtspFramer& framer() const { return framer_; }

 private:
  void TakeElements(std::span<const uint8_t> unread, Listener& listener);

  IngestLoop& loop_;
  IngestLoop::SocketHandler& handler_;
  FileDescriptor socket_;
  unsigned closings_ = 0;  // Tells whether bytes belong to the current connection.
  bool watches_writable_ = false;
  std::string outbox_;
  std::string first_bytes_;
  ByteBuffer unread_;  // The beginning of an element whose rest has not come yet.
  RtspFramer framer_;
};

}  // namespace framewell
