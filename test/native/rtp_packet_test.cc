#include <doctest/doctest.h>

#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

// Sequence 0x0102, timestamp 0x03040506, SSRC 0x0708090a.
Bytes Header(uint8_t first, uint8_t second) { return {first, second, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}; }

TEST_CASE("RTP packet: fields of a plain packet") {
  const Bytes bytes = Header(0x80, 0xe0) + Bytes{42, 43};
  const auto packet = RtpPacket::Parse(bytes);
  REQUIRE(packet);
  CHECK(packet->marker);
  CHECK(packet->payload_type == 96);
  CHECK(packet->sequence == 0x0102);
  CHECK(packet->timestamp == 0x03040506);
  CHECK(packet->ssrc == 0x0708090a);
  CHECK(packet->extension.empty());
  CHECK(packet->payload.data() == bytes.data() + 12);
  CHECK(packet->payload.size() == 2);
}

TEST_CASE("RTP packet: contributing sources, extension and padding are not payload") {
  const Bytes bytes = Header(0xb2, 26) + Bytes{1, 1, 1, 1, 2, 2, 2, 2} +  // Two contributing sources.
                      Bytes{0xff, 0xd8, 0, 1, 9, 9, 9, 9} +               // An extension of one word.
                      Bytes{42, 43, 44} + Bytes{0, 0, 3};
  const auto packet = RtpPacket::Parse(bytes);
  REQUIRE(packet);
  CHECK_FALSE(packet->marker);
  CHECK(packet->payload_type == 26);
  CHECK(packet->extension_profile == 0xffd8);
  CHECK(ToBytes(packet->extension) == Bytes{9, 9, 9, 9});
  CHECK(ToBytes(packet->payload) == Bytes{42, 43, 44});
}

TEST_CASE("RTP packet: padding may be all there is") {
  const auto packet = RtpPacket::Parse(Header(0xa0, 96) + Bytes{0, 0, 0, 4});
  REQUIRE(packet);
  CHECK(packet->payload.empty());
}

TEST_CASE("RTP packet: what contradicts itself is refused") {
  struct {
    std::string name;
    Bytes bytes;
  } const cases[] = {
      {"empty", {}},
      {"shorter than the fixed header", Bytes(11, 0x80)},
      {"version 1", Header(0x40, 96) + Bytes{1}},
      {"contributing sources beyond the end", Header(0x81, 96) + Bytes{1, 2, 3}},
      {"extension header beyond the end", Header(0x90, 96) + Bytes{1, 2, 3}},
      {"extension beyond the end", Header(0x90, 96) + Bytes{0, 0, 0, 2, 1, 2, 3, 4}},
      {"padding without a byte", Header(0xa0, 96)},
      {"padding of nothing", Header(0xa0, 96) + Bytes{1, 0}},
      {"padding larger than the payload", Header(0xa0, 96) + Bytes{1, 3}},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    CHECK_FALSE(RtpPacket::Parse(test.bytes));
  }
}

}  // namespace
}  // namespace framewell::testing
