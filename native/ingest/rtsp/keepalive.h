// Which request keeps a session alive.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace framewell {

// RFC 2326 10.8 and RFC 7826 10.5: GET_PARAMETER without a body if the camera offers it, else SET_PARAMETER, else
// OPTIONS, which every server has. Cameras offer methods that they then refuse or never answer, so it moves on from
// each that failed.
class Keepalive {
 public:
  // `public_methods`: the Public header of the answer to OPTIONS, empty if there is none.
  void Offer(std::string_view public_methods);

  const char* method() const { return kMethods[current_]; }
  // Moves on to the next method on offer. False when there is none: `method()` stays.
  bool TryNext();

  // When to send, counted from the last time. `timeout` is that of the Session header.
  static std::chrono::milliseconds Interval(std::optional<std::chrono::seconds> timeout);

 private:
  static constexpr std::array<const char*, 3> kMethods{"GET_PARAMETER", "SET_PARAMETER", "OPTIONS"};

  bool IsOffered(size_t method) const { return method + 1 == kMethods.size() || offered_[method]; }

  std::array<bool, kMethods.size()> offered_{};
  size_t current_ = kMethods.size() - 1;
};

}  // namespace framewell
