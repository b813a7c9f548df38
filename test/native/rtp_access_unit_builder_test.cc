#include <doctest/doctest.h>

#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

// Units as the letters of their parts, each in brackets, a trailing "k" for keyframes; "!" for damage, "!!" for one
// that is too large.
class BuilderUnderTest final : public AccessUnitListener {
 public:
  explicit BuilderUnderTest(std::span<const uint8_t> trailer = {}) : builder(*this, trailer) {}

  // One packet: "b" before a picture, "S" the start of one, "m" more of it, "a" after it, "x" anywhere, each a part;
  // "-" more bytes of the part before, whose end is not yet there when the packet ends with "~".
  void Packet(uint32_t timestamp, bool marker, const std::string& parts) {
    builder.BeginPacket({timestamp, timestamp * 10, ++packets});
    for (const char part : parts) {
      if (part == '~') continue;
      if (part == 'b') builder.StartPart(UnitPart::kBeforePicture);
      if (part == 'S') builder.StartPart(UnitPart::kPictureStart);
      if (part == 'm') builder.StartPart(UnitPart::kPictureMore);
      if (part == 'a') builder.StartPart(UnitPart::kAfterPicture);
      if (part == 'x') builder.StartPart(UnitPart::kAnywhere);
      builder.Append(Bytes{static_cast<uint8_t>(part)});
      if (parts.back() != '~') builder.EndPart();
    }
    builder.EndPacket(marker);
  }
  std::string TakeLog() { return std::exchange(log_, {}); }

  void OnUnit(BuiltUnit unit) override {
    const auto bytes = unit.bytes.data();
    log_ += "[" + std::string(bytes.begin(), bytes.end()) + "]" + (unit.keyframe ? "k" : "");
    last_time = unit.time;
  }
  void OnDamage(UnitDamage damage) override { log_ += damage == UnitDamage::kTooLarge ? "!!" : "!"; }

  AccessUnitBuilder builder;
  PacketTime last_time;
  int64_t packets = 0;

 private:
  std::string log_;
};

struct Sent {
  uint32_t timestamp;
  bool marker;
  const char* parts;
};

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
