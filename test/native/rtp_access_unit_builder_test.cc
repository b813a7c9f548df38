#include <doctest/doctest.h>

#include "rtp_access_unit_test_support.h"

namespace framewell::testing {
namespace {

TEST_CASE("Access units: where they end") {
  struct {
    std::string name;
    std::vector<Sent> packets;
    std::string log;
  } const cases[] = {
      {"without markers at the next picture", {{0, 0, "S"}, {1, 0, "S"}, {2, 0, "S"}}, "[S][S]"},
      {"at what stands before the next picture", {{0, 0, "bSm"}, {1, 0, "bb"}, {1, 0, "S"}}, "[bSm]"},
      {"whatever the timestamps", {{5, 0, "S"}, {5, 0, "S"}, {5, 0, "S"}}, "[S][S]"},
      {"not at another timestamp", {{0, 0, "b"}, {1, 0, "S"}, {2, 0, "m"}, {3, 0, "S"}}, "[bSm]"},
      {"what comes after a picture is its own", {{0, 0, "S"}, {0, 0, "a"}, {1, 0, "S"}}, "[Sa]"},
      {"headers alone are no unit", {{0, 1, "b"}, {1, 1, "b"}, {2, 0, "S"}, {3, 0, "b"}}, "[bbS]"},
      {"two in one packet", {{0, 0, "bSbS"}, {1, 0, "b"}}, "[bS][bS]"},
      {"not at headers repeated before another slice (GStreamer)",
       {{0, 0, "bS"}, {0, 0, "b"}, {0, 0, "m"}, {1, 0, "b"}, {1, 0, "S"}, {2, 0, "b"}},
       "[bSbm][bS]"},
      {"before headers of the same time behind which another picture begins",
       {{0, 0, "bS"}, {0, 0, "bb"}, {0, 0, "S"}, {0, 0, "b"}, {0, 0, "S"}},
       "[bS][bbS]"},
      {"before headers of the same time behind which another time begins",
       {{0, 0, "bS"}, {0, 0, "b"}, {1, 0, "S"}, {2, 0, "S"}},
       "[bS][bS]"},
      {"from the first beginning on", {{0, 0, "ma"}, {0, 0, "x"}, {1, 0, "S"}, {2, 0, "S"}}, "[S]"},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    BuilderUnderTest builder;
    for (const Sent& packet : test.packets) builder.Packet(packet.timestamp, packet.marker, packet.parts);
    CHECK(builder.TakeLog() == test.log);
  }
}

TEST_CASE("Access units: a picture found in a part that seemed to be headers begins a unit") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "S");
  builder.Packet(0, false, "b");
  builder.builder.MarkPicture();
  builder.builder.MarkKeyframe();
  CHECK(builder.TakeLog() == "[S]");
  builder.Packet(1, false, "S");
  CHECK(builder.TakeLog() == "[b]k");
}

TEST_CASE("Access units: a gap") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "bS");
  builder.builder.OnGap();
  SUBCASE("drops the unit under way up to the next beginning") {
    builder.Packet(0, false, "m");
    builder.Packet(0, false, "a");
    builder.Packet(1, false, "S");
    builder.Packet(2, false, "S");
    CHECK(builder.TakeLog() == "[S]");
  }
  SUBCASE("does not drop the unit that begins behind it") {
    builder.Packet(1, false, "b");
    builder.Packet(1, false, "S");
    builder.Packet(2, false, "b");
    CHECK(builder.TakeLog() == "[bS]");
  }
}

TEST_CASE("Access units: damage is said once for a unit") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "S");
  builder.builder.MarkDamaged(UnitDamage::kContradiction);
  builder.builder.MarkDamaged(UnitDamage::kContradiction);
  builder.Packet(0, false, "m");
  builder.Packet(1, false, "S");
  builder.Packet(2, false, "S");
  CHECK(builder.TakeLog() == "![S]");
}

TEST_CASE("Access units: a picture without its beginning is damage even when no packet is missing") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "b");
  builder.Packet(0, false, "m");
  builder.Packet(1, false, "S");
  builder.Packet(2, false, "S");
  CHECK(builder.TakeLog() == "![S]");
}

TEST_CASE("Access units: times are the picture's own, and of the last packet for the arrival") {
  BuilderUnderTest builder;
  builder.Packet(7, false, "b");
  builder.Packet(8, false, "S");
  builder.Packet(9, false, "m");
  builder.Packet(10, false, "S");
  CHECK(builder.TakeLog() == "[bSm]");
  CHECK(builder.last_time.timestamp == 8);
  CHECK(builder.last_time.pts_us == 80);
  CHECK(builder.last_time.received_unix_us == 3);
}

TEST_CASE("Access units: keyframes") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "b");
  builder.builder.MarkKeyframe();
  builder.Packet(0, false, "S");
  builder.Packet(1, false, "S");
  builder.Packet(2, false, "S");
  CHECK(builder.TakeLog() == "[bS]k[S]");
}

TEST_CASE("Access units: a trailer is added where it is missing") {
  const Bytes trailer{'.'};
  BuilderUnderTest builder(trailer);
  builder.Packet(0, false, "S");
  builder.Packet(1, false, "Sx");
  builder.builder.Append(trailer);
  builder.Packet(2, false, "S");
  CHECK(builder.TakeLog() == "[S.][Sx.]");
}

TEST_CASE("Access units: one whose end is known waits for nothing") {
  BuilderUnderTest builder;
  builder.Packet(0, false, "b");
  builder.builder.EndUnit();
  CHECK(builder.TakeLog() == "");
  builder.Packet(0, false, "S");
  builder.builder.EndUnit();
  CHECK(builder.TakeLog() == "[bS]");
}

TEST_CASE("Access units: one that never ends is dropped at the bound, and memory with it") {
  BuilderUnderTest builder;
  const Bytes megabyte(1 << 20, 'y');
  builder.Packet(0, false, "S~");
  for (int i = 0; i < 40; ++i) builder.builder.Append(megabyte);
  CHECK(builder.TakeLog() == "!!");
  CHECK(builder.builder.part().empty());
  builder.Packet(1, false, "S");
  builder.Packet(2, false, "S");
  CHECK(builder.TakeLog() == "[S]");
}

}  // namespace
}  // namespace framewell::testing
