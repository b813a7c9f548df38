#include "ingest/net/datagram_sockets.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <future>
#include <string>
#include <vector>

namespace framewell {
namespace {

using namespace std::chrono_literals;

HostAddress Loopback() { return *ParseNumericAddress("127.0.0.1"); }

// Sends on the loopback interface, to a host or a group.
void Send(const std::string& to, uint16_t port, const std::string& text) {
  const FileDescriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const ip_mreqn interface { {}, {htonl(INADDR_LOOPBACK)}, 0 };
  setsockopt(fd.get(), IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, to.c_str(), &address.sin_addr);
  CHECK(sendto(fd.get(), text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&address), sizeof address) ==
        static_cast<ssize_t>(text.size()));
}

// The sockets on a loop, and the first datagram that each of them receives.
class Receiving {
 public:
  explicit Receiving(DatagramSockets sockets) : sockets_(std::move(sockets)) {
    OnLoop([this] {
      sockets_.Watch(
          loop_,
          [this](std::span<const uint8_t> datagram) {
            rtp_.set_value({datagram.begin(), datagram.end()});
          },
          [this](std::span<const uint8_t> datagram) {
            rtcp_.set_value({datagram.begin(), datagram.end()});
          });
    });
  }
  ~Receiving() {
    OnLoop([this] { sockets_.Unwatch(loop_); });
  }

  RtpPortPair ports() const { return sockets_.ports(); }
  std::string Rtp() { return Await(rtp_); }
  std::string Rtcp() { return Await(rtcp_); }

 private:
  void OnLoop(const std::function<void()>& task) {
    std::promise<void> done;
    loop_.tasks()->Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  static std::string Await(std::promise<std::string>& promise) {
    auto future = promise.get_future();
    REQUIRE(future.wait_for(5s) == std::future_status::ready);
    return future.get();
  }

  DatagramSockets sockets_;
  std::promise<std::string> rtp_;
  std::promise<std::string> rtcp_;
  IngestLoop loop_;  // Last member: its thread ends before what it uses goes.
};

TEST_CASE("unicast: an even port and the one above it, each with its own packets") {
  Receiving receiving(DatagramSockets::Unicast(Loopback()));
  const RtpPortPair ports = receiving.ports();
  CHECK(ports.rtp % 2 == 0);
  CHECK(ports.rtcp == ports.rtp + 1);
  Send("127.0.0.1", ports.rtp, "media");
  Send("127.0.0.1", ports.rtcp, "report");
  CHECK(receiving.Rtp() == "media");
  CHECK(receiving.Rtcp() == "report");
}

TEST_CASE("unicast: the buffer that the kernel granted is known") {
  CHECK(DatagramSockets::Unicast(Loopback()).receive_buffer_bytes() > 100'000);
}

TEST_CASE("multicast: packets of the group, on the interface of the RTSP connection") {
  // RFC 2365: administratively scoped; on the loopback interface nothing leaves the machine.
  const std::string group = "239.255.77.7";
  const RtpPortPair ports = DatagramSockets::Unicast(Loopback()).ports();  // Free ones.
  Receiving receiving(DatagramSockets::Multicast(group, ports, Loopback()));
  Send(group, ports.rtp, "media");
  Send(group, ports.rtcp, "report");
  CHECK(receiving.Rtp() == "media");
  CHECK(receiving.Rtcp() == "report");
}

TEST_CASE("multicast: a group that is none is refused") {
  CHECK_THROWS_AS(DatagramSockets::Multicast("127.0.0.1", {40000, 40001}, Loopback()), EngineError);
  CHECK_THROWS_AS(DatagramSockets::Multicast("camera.invalid", {40000, 40001}, Loopback()), EngineError);
}

}  // namespace
}  // namespace framewell
