// The two UDP sockets of one track: RTP on an even port, RTCP on the one above it (RFC 3550 section 11).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "ingest/host_resolver.h"
#include "ingest/net/ingest_loop.h"
#include "ingest/rtsp/transport_header.h"

namespace framewell {

// Lives on its loop's thread.
class DatagramSockets {
 public:
  // A datagram that came; valid in the call.
  using Receiver = std::function<void(std::span<const uint8_t> datagram)>;

  // Unicast on two free ports, in the address family of `camera`; only datagrams from that host count. Throws
  // EngineError ERR_RTSP_TRANSPORT when no pair of ports can be had.
  static DatagramSockets Unicast(const HostAddress& camera);
  // Joined to the group (numeric IPv4 address) on the interface that has the address `local`: the one that the camera
  // is reached by. Throws EngineError ERR_RTSP_TRANSPORT.
  static DatagramSockets Multicast(const std::string& group, RtpPortPair ports, const HostAddress& local);

  RtpPortPair ports() const { return ports_; }
  // What the kernel granted; less than was asked for when net.core.rmem_max is small.
  int receive_buffer_bytes() const { return receive_buffer_bytes_; }

  void Watch(IngestLoop& loop, Receiver on_rtp, Receiver on_rtcp);
  void Unwatch(IngestLoop& loop);

  // Sends a first datagram to where the camera sends from, which opens the way back through a firewall or NAT.
  // `source` is a numeric address when that is another host than the one of the RTSP connection, else empty.
  void PunchHoles(const std::string& source, RtpPortPair server_ports);
  void SendRtcp(std::span<const uint8_t> packet);

 private:
  // Bursts of a keyframe have to fit until the loop comes round.
  static constexpr int kReceiveBufferBytes = 2 * 1024 * 1024;

  class Socket final : public IngestLoop::SocketHandler {
   public:
    void OnReady(uint32_t epoll_events) override;

    FileDescriptor fd;
    Receiver receiver;
    const HostAddress* from = nullptr;  // Null: anybody.
    IngestLoop* loop = nullptr;
  };

  static FileDescriptor Open(int family);
  void Grow(int fd);

  // Apart, so that the handlers' addresses survive a move.
  struct Pair {
    HostAddress camera;
    Socket rtp;
    Socket rtcp;
  };
  std::unique_ptr<Pair> pair_ = std::make_unique<Pair>();
  RtpPortPair ports_;
  RtpPortPair server_ports_;
  int receive_buffer_bytes_ = 0;
};

}  // namespace framewell
