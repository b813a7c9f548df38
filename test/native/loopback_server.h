// A server on a port of its own that says what a test tells it to.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ingest/net/file_descriptor.h"

namespace framewell {

// Serves one connection at a time, on a thread of its own.
class LoopbackServer {
 public:
  // Gives the answer to a request, which ends in an empty line. Called on the server's thread.
  using Answer = std::function<std::string(const std::string& request)>;

  explicit LoopbackServer(Answer answer) : answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_.get(), any, length) < 0 || listen(listener_.get(), 8) < 0 ||
        getsockname(listener_.get(), any, &length) < 0) {
      throw std::runtime_error("No port to listen on");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~LoopbackServer() {
    const uint64_t one = 1;
    static_cast<void>(!write(stop_.get(), &one, sizeof one));
    thread_.join();
  }

  std::string url() const { return "rtsp://127.0.0.1:" + std::to_string(port_) + "/live"; }

  // The requests so far.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  // False when the test is over.
  bool AwaitReadable(int fd) const {
    pollfd fds[] = {{fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    return poll(fds, 2, -1) > 0 && fds[1].revents == 0;
  }

  void Serve() {
    while (AwaitReadable(listener_.get())) ServeConnection(FileDescriptor(accept(listener_.get(), nullptr, nullptr)));
  }

  void ServeConnection(const FileDescriptor& connection) {
    std::string unread;
    while (AwaitReadable(connection.get())) {
      char buffer[4096];
      const ssize_t received = recv(connection.get(), buffer, sizeof buffer, 0);
      if (received <= 0) return;
      unread.append(buffer, static_cast<size_t>(received));
      for (size_t end = unread.find("\r\n\r\n"); end != std::string::npos; end = unread.find("\r\n\r\n")) {
        const std::string request = unread.substr(0, end + 4);
        unread.erase(0, end + 4);
        {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
        }
        const std::string answer = answer_(request);
        if (send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
      }
    }
  }

  const Answer answer_;
  const FileDescriptor listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const FileDescriptor stop_{eventfd(0, EFD_CLOEXEC)};
  uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace framewell
