#include "ingest/host_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine_error.h"

namespace framewell {
namespace {

struct LookUp {
  explicit LookUp(std::string name) : host(std::move(name)) {}

  const std::string host;
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<int> result;  // Guarded by mutex: getaddrinfo's return value.
};

bool IsNumeric(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address) == 1;
}

void Run(const std::shared_ptr<LookUp>& look_up) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* addresses = nullptr;
  const int result = getaddrinfo(look_up->host.c_str(), nullptr, &hints, &addresses);
  if (result == 0) freeaddrinfo(addresses);
  const std::lock_guard lock(look_up->mutex);
  look_up->result = result;
  look_up->answered.notify_one();
}

}  // namespace

void ResolveHost(const std::string& host, std::chrono::steady_clock::time_point deadline,
                 const std::function<bool()>& stopped) {
  if (IsNumeric(host)) return;
  const auto look_up = std::make_shared<LookUp>(host);
  std::thread(Run, look_up).detach();

  std::unique_lock lock(look_up->mutex);
  while (!look_up->result) {
    if (stopped()) throw EngineError("ERR_STREAM_STOPPED", "Stopped while the host name was looked up");
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) {
      throw EngineError("ERR_RTSP_DNS", "Expected an answer for host name " + host +
                                            " before the connect time-out but received none");
    }
    look_up->answered.wait_until(lock, std::min(deadline, now + std::chrono::milliseconds(50)));
  }
  if (*look_up->result != 0) {
    throw EngineError("ERR_RTSP_DNS", "Expected host name " + host + " to resolve but received: " +
                                          gai_strerror(*look_up->result));
  }
}

}  // namespace framewell
