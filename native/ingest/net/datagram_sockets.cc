#include "ingest/net/datagram_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace framewell {
namespace {

constexpr int kPortTries = 32;
// Datagrams taken by one system call; each may be as long as an Ethernet jumbo frame.
constexpr size_t kBatch = 64;
constexpr size_t kMaxDatagram = 9216;

EngineError TransportError(const std::string& what) {
  return EngineError("ERR_RTSP_TRANSPORT", what + ": " + std::strerror(errno));
}

in_port_t& PortOf(sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                       : reinterpret_cast<sockaddr_in&>(address).sin_port;
}

bool SameHost(const sockaddr_storage& a, const sockaddr_storage& b) {
  if (a.ss_family != b.ss_family) return false;
  if (a.ss_family == AF_INET6) {
    return std::memcmp(&reinterpret_cast<const sockaddr_in6&>(a).sin6_addr,
                       &reinterpret_cast<const sockaddr_in6&>(b).sin6_addr, sizeof(in6_addr)) == 0;
  }
  return reinterpret_cast<const sockaddr_in&>(a).sin_addr.s_addr ==
         reinterpret_cast<const sockaddr_in&>(b).sin_addr.s_addr;
}

// 0: any free port. Returns the port, or 0 when it is taken.
uint16_t Bind(int fd, int family, uint16_t port) {
  HostAddress any;
  any.address.ss_family = static_cast<sa_family_t>(family);
  PortOf(any.address) = htons(port);
  any.length = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (bind(fd, reinterpret_cast<sockaddr*>(&any.address), any.length) < 0) return 0;
  getsockname(fd, reinterpret_cast<sockaddr*>(&any.address), &any.length);
  return ntohs(PortOf(any.address));
}

void SendTo(int fd, HostAddress to, uint16_t port, std::span<const uint8_t> datagram) {
  if (port == 0) return;
  PortOf(to.address) = htons(port);
  // Best effort, as UDP is: a full socket buffer loses a report, not the stream.
  sendto(fd, datagram.data(), datagram.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&to.address), to.length);
}

}  // namespace

FileDescriptor DatagramSockets::Open(int family) {
  const int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw TransportError("Expected a UDP socket");
  return FileDescriptor(fd);
}

void DatagramSockets::Grow(int fd) {
  const int wanted = kReceiveBufferBytes;
  // With CAP_NET_ADMIN beyond net.core.rmem_max, else up to it.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) < 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  }
  socklen_t length = sizeof receive_buffer_bytes_;
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes_, &length);
}

DatagramSockets DatagramSockets::Unicast(const HostAddress& camera) {
  const int family = camera.address.ss_family;
  for (int i = 0; i < kPortTries; ++i) {
    DatagramSockets sockets;
    FileDescriptor rtp = Open(family);
    const uint16_t port = Bind(rtp.get(), family, 0);
    if (port == 0) throw TransportError("Expected a free UDP port");
    if (port % 2 != 0) continue;
    FileDescriptor rtcp = Open(family);
    if (Bind(rtcp.get(), family, port + 1) == 0) continue;
    sockets.Grow(rtp.get());
    sockets.ports_ = {port, static_cast<uint16_t>(port + 1)};
    sockets.pair_->camera = camera;
    sockets.pair_->rtp.fd = std::move(rtp);
    sockets.pair_->rtcp.fd = std::move(rtcp);
    sockets.pair_->rtp.from = sockets.pair_->rtcp.from = &sockets.pair_->camera;
    return sockets;
  }
  throw EngineError("ERR_RTSP_TRANSPORT", "Expected a pair of free UDP ports but found none");
}

DatagramSockets DatagramSockets::Multicast(const std::string& group, RtpPortPair ports, const HostAddress& local) {
  DatagramSockets sockets;
  sockets.ports_ = ports;
  in_addr group_address{};
  if (inet_pton(AF_INET, group.c_str(), &group_address) != 1 || local.address.ss_family != AF_INET) {
    throw EngineError("ERR_RTSP_TRANSPORT", "Expected an IPv4 multicast group but received " + group);
  }
  const auto join = [&](Socket& socket, uint16_t port) {
    socket.fd = Open(AF_INET);
    const int yes = 1;
    // Other programs on this machine may receive the group too.
    setsockopt(socket.fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr = group_address;
    const ip_mreqn membership{group_address, reinterpret_cast<const sockaddr_in&>(local.address).sin_addr, 0};
    if (bind(socket.fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
        setsockopt(socket.fd.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) < 0) {
      throw TransportError("Expected to join multicast group " + group);
    }
  };
  join(sockets.pair_->rtp, ports.rtp);
  join(sockets.pair_->rtcp, ports.rtcp);
  sockets.Grow(sockets.pair_->rtp.fd.get());
  return sockets;
}

void DatagramSockets::Watch(IngestLoop& loop, Receiver on_rtp, Receiver on_rtcp) {
  pair_->rtp.receiver = std::move(on_rtp);
  pair_->rtcp.receiver = std::move(on_rtcp);
  for (Socket* socket : {&pair_->rtp, &pair_->rtcp}) {
    socket->loop = &loop;
    loop.Watch(socket->fd.get(), EPOLLIN, *socket);
  }
}

void DatagramSockets::Unwatch(IngestLoop& loop) {
  for (Socket* socket : {&pair_->rtp, &pair_->rtcp}) {
    if (std::exchange(socket->loop, nullptr)) loop.Unwatch(socket->fd.get(), *socket);
  }
}

void DatagramSockets::PunchHoles(const std::string& source, RtpPortPair server_ports) {
  server_ports_ = server_ports;
  if (const auto address = ParseNumericAddress(source)) pair_->camera = *address;
  // An empty RTP packet (version 2, no payload) and an empty receiver report (RFC 3550 section 6.4.2).
  static constexpr std::array<uint8_t, 12> kRtp{0x80};
  static constexpr std::array<uint8_t, 8> kReport{0x80, 201, 0, 1};
  SendTo(pair_->rtp.fd.get(), pair_->camera, server_ports.rtp, kRtp);
  SendTo(pair_->rtcp.fd.get(), pair_->camera, server_ports.rtcp, kReport);
}

void DatagramSockets::SendRtcp(std::span<const uint8_t> packet) {
  SendTo(pair_->rtcp.fd.get(), pair_->camera, server_ports_.rtcp, packet);
}

void DatagramSockets::Socket::OnReady(uint32_t) {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> buffers;
  std::array<sockaddr_storage, kBatch> senders;
  const std::span<uint8_t> memory = loop->read_buffer();
  for (size_t i = 0; i < kBatch; ++i) {
    buffers[i] = {memory.data() + i * kMaxDatagram, kMaxDatagram};
    messages[i].msg_hdr.msg_iov = &buffers[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &senders[i];
    messages[i].msg_hdr.msg_namelen = sizeof senders[i];
  }
  const int count = recvmmsg(fd.get(), messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  // The receiver may end the session, and with it this socket's watch.
  for (int i = 0; i < count && loop; ++i) {
    if (from && !SameHost(senders[i], from->address)) continue;
    if (messages[i].msg_hdr.msg_flags & MSG_TRUNC) continue;
    receiver({memory.data() + static_cast<size_t>(i) * kMaxDatagram, messages[i].msg_len});
  }
}

}  // namespace framewell
