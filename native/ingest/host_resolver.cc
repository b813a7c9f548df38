#include "ingest/host_resolver.h"

#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace framewell {
namespace {

LookUpResult Resolve(const std::string& host, uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (error != 0) {
    return {
        {},
        EngineError("ERR_RTSP_DNS", "Expected host name " + host + " to resolve but received: " + gai_strerror(error))};
  }
  LookUpResult result;
  for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
    HostAddress address;
    std::memcpy(&address.address, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
    result.addresses.push_back(address);
  }
  freeaddrinfo(list);
  return result;
}

}  // namespace

void LookUpHost(const std::string& host, uint16_t port, std::function<void(LookUpResult)> done) {
  if (LookUpResult numeric = Resolve(host, port, AI_NUMERICHOST); !numeric.error) {
    done(std::move(numeric));
    return;
  }
  std::thread([host, port, done = std::move(done)] { done(Resolve(host, port, 0)); }).detach();
}

std::optional<HostAddress> ParseNumericAddress(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const LookUpResult result = Resolve(text, 0, AI_NUMERICHOST);
  return result.error ? std::nullopt : std::optional(result.addresses.front());
}

std::string FormatAddress(const HostAddress& address) {
  char text[NI_MAXHOST] = {};
  getnameinfo(reinterpret_cast<const sockaddr*>(&address.address), address.length, text, sizeof text, nullptr, 0,
              NI_NUMERICHOST);
  return text;
}

std::vector<HostAddress> AwaitHost(const std::string& host, std::chrono::steady_clock::time_point deadline,
                                   const std::function<bool()>& stopped) {
  struct Answer {
    std::mutex mutex;
    std::condition_variable came;
    std::optional<LookUpResult> result;  // Guarded by mutex.
  };
  // Shared: the look-up may be given up before it answers.
  const auto answer = std::make_shared<Answer>();
  LookUpHost(host, 0, [answer](LookUpResult result) {
    const std::lock_guard lock(answer->mutex);
    answer->result = std::move(result);
    answer->came.notify_one();
  });

  std::unique_lock lock(answer->mutex);
  while (!answer->result) {
    if (stopped()) throw EngineError("ERR_STREAM_STOPPED", "Stopped while the host name was looked up");
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) {
      throw EngineError("ERR_RTSP_DNS",
                        "Expected an answer for host name " + host + " before the connect time-out but received none");
    }
    answer->came.wait_until(lock, std::min(deadline, now + std::chrono::milliseconds(50)));
  }
  if (answer->result->error) throw EngineError(*answer->result->error);
  return answer->result->addresses;
}

}  // namespace framewell
