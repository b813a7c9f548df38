// The networks that cameras may be in: an address is held against them when it is about to be used, so that neither a
// name server nor a camera can lead the engine anywhere else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine_error.h"
#include "ingest/host_resolver.h"

namespace framewell {

// Immutable.
class CameraNetworks {
 public:
  // Every network.
  CameraNetworks() = default;
  // Those of `blocks`, such as 192.168.1.0/24, fd00::/8, 192.168.1.20. Throws EngineError ERR_BAD_PARAMETER.
  explicit CameraNetworks(const std::vector<std::string>& blocks);

  bool restricted() const { return !blocks_.empty(); }
  // An IPv4 address in an IPv6 one (RFC 4291 2.5.5.2) counts as the IPv4 address: that is where the packets go.
  bool Allow(const HostAddress& address) const;

  // The addresses of `host` that are allowed, in their order. Throws EngineError ERR_CAMERA_NETWORK when none is.
  std::vector<HostAddress> Select(const std::string& host, const std::vector<HostAddress>& addresses) const;
  // The same for a numeric address that a camera names. Throws EngineError ERR_CAMERA_NETWORK.
  void Require(const std::string& numeric_address) const;

 private:
  struct Prefix {
    sa_family_t family = AF_UNSPEC;
    std::array<uint8_t, 16> bytes{};  // The first four for IPv4.
    int bits = 0;
  };
  static Prefix ToPrefix(const HostAddress& address);
  static std::optional<Prefix> Parse(const std::string& block);

  std::vector<Prefix> blocks_;
};

}  // namespace framewell
