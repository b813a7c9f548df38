#include "ingest/camera_networks.h"

#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

namespace framewell {
namespace {

constexpr int kMappedBits = 96;

bool SameBits(const std::array<uint8_t, 16>& a, const std::array<uint8_t, 16>& b, int bits) {
  const auto whole = static_cast<size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

EngineError Refused(const std::string& expected, const std::string& address) {
  return {"ERR_CAMERA_NETWORK", "Expected " + expected + " in CAMERA_NETWORKS but received " + address};
}

}  // namespace

CameraNetworks::CameraNetworks(const std::vector<std::string>& blocks) {
  for (const std::string& block : blocks) {
    const auto parsed = Parse(block);
    if (!parsed)
      throw EngineError("ERR_BAD_PARAMETER", "Expected a network such as 192.168.1.0/24 but received " + block);
    blocks_.push_back(*parsed);
  }
}

bool CameraNetworks::Allow(const HostAddress& address) const {
  if (!restricted()) return true;
  const Prefix one = ToPrefix(address);
  return std::any_of(blocks_.begin(), blocks_.end(), [&](const Prefix& block) {
    return block.family == one.family && SameBits(block.bytes, one.bytes, block.bits);
  });
}

std::vector<HostAddress> CameraNetworks::Select(const std::string& host,
                                                const std::vector<HostAddress>& addresses) const {
  std::vector<HostAddress> allowed;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(allowed),
               [this](const HostAddress& address) { return Allow(address); });
  if (!allowed.empty()) return allowed;
  std::string received;
  for (const HostAddress& address : addresses) received += (received.empty() ? "" : ", ") + FormatAddress(address);
  throw Refused("an address of host " + host, received);
}

void CameraNetworks::Require(const std::string& numeric_address) const {
  if (!restricted()) return;
  const auto address = ParseNumericAddress(numeric_address);
  if (!address || !Allow(*address)) throw Refused("an address that the camera names to be", numeric_address);
}

CameraNetworks::Prefix CameraNetworks::ToPrefix(const HostAddress& address) {
  Prefix prefix;
  prefix.family = address.address.ss_family;
  if (prefix.family == AF_INET) {
    std::memcpy(prefix.bytes.data(), &reinterpret_cast<const sockaddr_in&>(address.address).sin_addr, 4);
    prefix.bits = 32;
    return prefix;
  }
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address.address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    prefix.family = AF_INET;
    std::copy_n(v6.s6_addr + kMappedBits / 8, 4, prefix.bytes.begin());
    prefix.bits = 32;
  } else {
    std::copy_n(v6.s6_addr, 16, prefix.bytes.begin());
    prefix.bits = 128;
  }
  return prefix;
}

std::optional<CameraNetworks::Prefix> CameraNetworks::Parse(const std::string& block) {
  const size_t slash = block.find('/');
  const auto address = ParseNumericAddress(block.substr(0, slash));
  if (!address) return std::nullopt;
  Prefix prefix = ToPrefix(*address);
  if (slash == std::string::npos) return prefix;
  const char* const end = block.data() + block.size();
  int bits = -1;
  const auto [parsed_to, error] = std::from_chars(block.data() + slash + 1, end, bits);
  if (error != std::errc() || parsed_to != end) return std::nullopt;
  // ::ffff:192.168.1.0/120 is 192.168.1.0/24; a shorter one is no network of IPv4 addresses.
  if (address->address.ss_family == AF_INET6 && prefix.family == AF_INET) bits -= kMappedBits;
  if (bits < 0 || bits > prefix.bits) return std::nullopt;
  prefix.bits = bits;
  return prefix;
}

}  // namespace framewell
