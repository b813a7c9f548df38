// When the marker of a packet is trusted to end an access unit.
#include <doctest/doctest.h>

#include "rtp_access_unit_test_support.h"

namespace framewell::testing {
namespace {

TEST_CASE("Access units: markers are trusted once they stood right") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "bS");
  builder.Packet(0, true, "m");
  CHECK(builder.TakeLog() == "");  // A marker on each packet would look the same so far.
  builder.Packet(1, false, "S~");
  CHECK(builder.TakeLog() == "[bSm]");
  builder.Packet(1, true, "-");
  CHECK(builder.TakeLog() == "[S-]");
  builder.Packet(2, true, "S");
  CHECK(builder.TakeLog() == "[S]");

  SUBCASE("a missing one only delays the unit") {
    builder.Packet(3, false, "S");
    CHECK(builder.TakeLog() == "");
    builder.Packet(4, true, "S");
    CHECK(builder.TakeLog() == "[S][S]");
  }
  SUBCASE("fields of one timestamp are one unit") {
    builder.Packet(3, false, "S");
    builder.Packet(3, true, "S");
    CHECK(builder.TakeLog() == "[SS]");
  }
  SUBCASE("what comes after the marked end is dropped") {
    builder.Packet(2, false, "a");
    builder.Packet(3, true, "S");
    CHECK(builder.TakeLog() == "[S]");
  }
  SUBCASE("headers with a marker do not end a unit") {
    builder.Packet(3, true, "b");
    builder.Packet(4, true, "S");
    CHECK(builder.TakeLog() == "[bS]");
  }
  SUBCASE("a picture that goes on ends the trust") {
    builder.Packet(3, true, "S");
    CHECK(builder.TakeLog() == "[S]");
    builder.Packet(3, true, "m");
    CHECK(builder.TakeLog() == "!");
    builder.Packet(4, true, "S");
    builder.Packet(4, true, "m");
    CHECK(builder.TakeLog() == "");
    builder.Packet(5, true, "S");
    CHECK(builder.TakeLog() == "[Sm]");
  }
  SUBCASE("a new source has to earn it again") {
    builder.builder.OnNewSource();
    builder.Packet(3, true, "S");
    CHECK(builder.TakeLog() == "");
    builder.Packet(4, true, "S");
    CHECK(builder.TakeLog() == "[S]");
  }
}

TEST_CASE("Access units: markers that are never trusted") {
  struct {
    std::string name;
    std::vector<Sent> picture;
  } const cases[] = {
      {"on every packet", {{0, 1, "S~"}, {0, 1, "-"}}},
      {"on every slice", {{0, 1, "S"}, {0, 1, "m"}, {0, 1, "m"}}},
      {"on the first slice", {{0, 1, "S"}, {0, 0, "m"}}},
      {"never", {{0, 0, "S"}, {0, 0, "m"}}},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    BuilderUnderTest builder;
    std::string unit;
    for (const Sent& packet : test.picture) unit += std::string(packet.parts).substr(0, 1);
    std::string expected;
    for (uint32_t i = 0; i < 100; ++i) {
      for (const Sent& packet : test.picture) builder.Packet(i, packet.marker, packet.parts);
      if (i > 0) expected += "[" + unit + "]";
      REQUIRE(builder.TakeLog() == (i > 0 ? "[" + unit + "]" : ""));
    }
  }
}

TEST_CASE("Access units: pictures of one packet, each marked, are trusted after a while") {
  BuilderUnderTest builder;
  for (uint32_t i = 0; i < 25; ++i) builder.Packet(i, true, "S");
  builder.TakeLog();
  builder.Packet(25, true, "S");
  CHECK(builder.TakeLog() == "[S][S]");
}

TEST_CASE("Access units: headers with the timestamp of the picture before them") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "bS");
  builder.Packet(0, true, "m");
  builder.Packet(0, false, "b");
  builder.Packet(1, false, "S");
  CHECK(builder.TakeLog() == "[bSm]");
  // They were not taken for packets of the picture: its marker stood on the last one.
  builder.Packet(1, true, "m");
  CHECK(builder.TakeLog() == "[bSm]");
  builder.Packet(1, true, "b");
  builder.Packet(2, true, "S");
  CHECK(builder.TakeLog() == "[bS]");
}

// The Reolink RLC-822A: each SPS has a marker and, like the PPS, the timestamp of the picture before it.
TEST_CASE("Access units: marked headers with the timestamp of the picture before them") {
  BuilderUnderTest builder;
  builder.Packet(0, true, "b");
  builder.Packet(0, false, "b");
  for (uint32_t i = 1; i < 4; ++i) {
    builder.Packet(i, false, "S");
    builder.Packet(i, true, "m");
    builder.Packet(i, true, "b");
    builder.Packet(i, false, "b");
  }
  // The last one did not have to wait: the marker is trusted.
  CHECK(builder.TakeLog() == "[bbSm][bbSm][bbSm]");
}

TEST_CASE("Access units: a marker on SEI behind the picture ends the unit before the SEI") {
  BuilderUnderTest builder;
  for (uint32_t i = 0; i < 2; ++i) {
    builder.Packet(i, false, "S");
    builder.Packet(i, true, "b");
  }
  CHECK(builder.TakeLog() == "[S][bS]");
}

TEST_CASE("Access units: markers on every slice and on headers between them") {
  BuilderUnderTest builder;
  for (uint32_t i = 0; i < 3; ++i) {
    for (const char* parts : {"b", "S", "b", "m"}) builder.Packet(i, true, parts);
  }
  CHECK(builder.TakeLog() == "[bSbm][bSbm]");
}

TEST_CASE("Access units: a gap behind a trusted marker costs no unit that is whole") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "S");
  builder.Packet(0, true, "m");
  builder.Packet(1, false, "S");
  builder.Packet(1, true, "m");
  CHECK(builder.TakeLog() == "[Sm][Sm]");
  builder.builder.OnGap();
  // The end of a picture whose beginning was lost says nothing about markers.
  builder.Packet(2, true, "m");
  builder.Packet(3, true, "S");
  CHECK(builder.TakeLog() == "[S]");
  SUBCASE("nor does the second field of a picture that lost its first") {
    builder.Packet(4, false, "S");
    builder.builder.OnGap();
    builder.Packet(4, true, "S");
    builder.Packet(5, true, "S");
    CHECK(builder.TakeLog() == "[S]");
  }
}

}  // namespace
}  // namespace framewell::testing
