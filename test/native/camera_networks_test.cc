#include "ingest/camera_networks.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace framewell {
namespace {

HostAddress Address(const std::string& text) { return *ParseNumericAddress(text); }

TEST_CASE("without networks every address is allowed") {
  const CameraNetworks any;
  CHECK_FALSE(any.restricted());
  CHECK(any.Allow(Address("8.8.8.8")));
  CHECK(any.Allow(Address("::1")));
  CHECK_NOTHROW(any.Require("239.1.2.3"));
}

TEST_CASE("an address is in a network when the prefix is the same, in its own family") {
  struct {
    const char* network;
    std::vector<const char*> in;
    std::vector<const char*> out;
  } const cases[] = {
      {"192.168.1.0/24", {"192.168.1.0", "192.168.1.255"}, {"192.168.0.255", "192.168.2.0", "::192.168.1.1"}},
      // The bits below the prefix say nothing.
      {"192.168.1.77/24", {"192.168.1.1"}, {"192.168.2.77"}},
      {"10.0.0.0/9", {"10.127.255.255"}, {"10.128.0.0", "11.0.0.0"}},
      {"172.16.0.0/12", {"172.31.255.255"}, {"172.32.0.0", "172.15.255.255"}},
      {"192.0.2.7", {"192.0.2.7"}, {"192.0.2.6"}},
      {"192.0.2.7/31", {"192.0.2.6"}, {"192.0.2.8"}},
      {"0.0.0.0/0", {"0.0.0.0", "127.0.0.1", "255.255.255.255"}, {"::1", "2001:db8::1"}},
      {"fd00::/8", {"fd00::1", "fdff:ffff::1"}, {"fc00::1", "fe80::1", "10.0.0.1"}},
      {"2001:db8::/33", {"2001:db8:7fff::1"}, {"2001:db8:8000::1"}},
      {"::1", {"::1"}, {"::2", "127.0.0.1"}},
      {"::/0", {"::", "2001:db8::1"}, {"127.0.0.1", "::ffff:127.0.0.1"}},
  };
  for (const auto& test : cases) {
    CAPTURE(test.network);
    const CameraNetworks networks({test.network});
    for (const char* address : test.in) CHECK_MESSAGE(networks.Allow(Address(address)), address);
    for (const char* address : test.out) CHECK_FALSE_MESSAGE(networks.Allow(Address(address)), address);
  }
}

TEST_CASE("an IPv4 address in an IPv6 one is the IPv4 address, on both sides") {
  const CameraNetworks plain({"192.168.1.0/24"});
  CHECK(plain.Allow(Address("::ffff:192.168.1.9")));
  CHECK_FALSE(plain.Allow(Address("::ffff:192.168.2.9")));
  const CameraNetworks mapped({"::ffff:192.168.1.0/120"});
  CHECK(mapped.Allow(Address("192.168.1.9")));
  CHECK(mapped.Allow(Address("::ffff:192.168.1.9")));
  CHECK_FALSE(mapped.Allow(Address("192.168.2.9")));
}

TEST_CASE("other ways to write an address do not get around it") {
  const CameraNetworks networks({"192.168.0.0/16"});
  for (const char* loopback : {"127.1", "0x7f.1", "2130706433", "0177.0.0.1"}) {
    CHECK_FALSE_MESSAGE(networks.Allow(Address(loopback)), loopback);
  }
}

TEST_CASE("one of several is enough; a host's other addresses are left out") {
  const CameraNetworks networks({"10.0.0.0/8", "fd00::/8"});
  const auto allowed = networks.Select("camera", {Address("127.0.0.1"), Address("fd00::5"), Address("10.1.2.3")});
  REQUIRE(allowed.size() == 2);
  CHECK(FormatAddress(allowed[0]) == "fd00::5");
  CHECK(FormatAddress(allowed[1]) == "10.1.2.3");
}

TEST_CASE("what is refused is named") {
  const CameraNetworks networks({"10.0.0.0/8"});
  try {
    networks.Select("camera.example", {Address("127.0.0.1"), Address("::1")});
    FAIL("Expected a refusal");
  } catch (const EngineError& error) {
    CHECK(error.code() == "ERR_CAMERA_NETWORK");
    CHECK(error.what() ==
          std::string("Expected an address of host camera.example in CAMERA_NETWORKS but received 127.0.0.1, ::1"));
  }
  CHECK_THROWS_AS(networks.Require("239.1.2.3"), EngineError);
  CHECK_NOTHROW(networks.Require("10.9.9.9"));
}

TEST_CASE("what is no network is refused") {
  for (const char* block : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "fd00::/129",
                            "::ffff:10.0.0.0/95", "camera.example", "10.0.0.0/8,fd00::/8"}) {
    CHECK_THROWS_AS(CameraNetworks({std::string(block)}), EngineError);
  }
}

}  // namespace
}  // namespace framewell
