// JPEG files by libjpeg-turbo, cut into packets as RFC 2435 says, and made again.
#include <doctest/doctest.h>
#include <turbojpeg.h>

#include <cstdlib>

#include "ingest/rtp/jpeg_tables.h"
#include "rtp_test_support.h"

namespace framewell::testing {
namespace {

constexpr int kWidth = 176;
constexpr int kHeight = 144;

struct JpegFile {
  Bytes bytes;
  Bytes tables;  // 64 bytes each.
  int restart_interval = 0;
  Bytes scan;  // Without the end of image marker.
};

JpegFile MakeJpeg(TJSAMP subsampling, int quality, bool restart_markers = false, int seed = 0) {
  Bytes rgb(kWidth * kHeight * 3);
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(i / 7 + i % 3 * 40 + i * seed % 31);
  if (restart_markers) setenv("TJ_RESTART", "1", 1);  // After each row of MCUs.
  const tjhandle compressor = tjInitCompress();
  unsigned char* out = nullptr;
  unsigned long size = 0;
  REQUIRE(tjCompress2(compressor, rgb.data(), kWidth, 0, kHeight, TJPF_RGB, &out, &size, subsampling, quality, 0) == 0);
  JpegFile file;
  file.bytes.assign(out, out + size);
  tjFree(out);
  tjDestroy(compressor);
  unsetenv("TJ_RESTART");

  for (size_t at = 2;;) {
    const uint8_t marker = file.bytes.at(at + 1);
    const size_t length = ReadU16(file.bytes, at + 2);
    const auto body = file.bytes.begin() + at + 4;
    if (marker == 0xdb) file.tables.insert(file.tables.end(), body + 1, body + 65);
    if (marker == 0xdd) file.restart_interval = ReadU16(file.bytes, at + 4);
    at += 2 + length;
    if (marker == 0xda) {
      file.scan.assign(file.bytes.begin() + at, file.bytes.end() - 2);
      return file;
    }
  }
}

struct JpegHeader {
  int type = 1;
  int quality = 255;
  int width = kWidth;
  int height = kHeight;
};

Bytes MainHeader(const JpegHeader& header, size_t offset, int restart_interval) {
  Bytes bytes{0,
              static_cast<uint8_t>(offset >> 16),
              static_cast<uint8_t>(offset >> 8),
              static_cast<uint8_t>(offset),
              static_cast<uint8_t>(header.type),
              static_cast<uint8_t>(header.quality),
              static_cast<uint8_t>(header.width / 8),
              static_cast<uint8_t>(header.height / 8)};
  if (header.type < 64) return bytes;
  return bytes + Bytes{static_cast<uint8_t>(restart_interval >> 8), static_cast<uint8_t>(restart_interval), 0xff, 0xff};
}

Bytes TableHeader(const Bytes& tables) {
  return Bytes{0, 0, static_cast<uint8_t>(tables.size() >> 8), static_cast<uint8_t>(tables.size())} + tables;
}

// Packets of 500 bytes of scan. `tables` absent: no quantization table header.
void SendJpeg(TrackUnderTest& track, uint32_t timestamp, const JpegHeader& header, const JpegFile& file,
              const std::optional<Bytes>& tables) {
  for (size_t at = 0; at < file.scan.size(); at += 500) {
    const size_t end = std::min(at + 500, file.scan.size());
    Bytes payload = MainHeader(header, at, file.restart_interval);
    if (at == 0 && tables) payload = payload + TableHeader(*tables);
    track.Send(timestamp, end == file.scan.size(), payload + Bytes(file.scan.begin() + at, file.scan.begin() + end));
  }
}

Bytes DecodeToRgb(const Bytes& jpeg) {
  const tjhandle decompressor = tjInitDecompress();
  Bytes rgb(kWidth * kHeight * 3);
  const int error = tjDecompress2(decompressor, jpeg.data(), jpeg.size(), rgb.data(), kWidth, 0, kHeight, TJPF_RGB,
                                  TJFLAG_STOPONWARNING);
  tjDestroy(decompressor);
  return error ? Bytes() : rgb;
}

TEST_CASE("JPEG: files made again decode to the same picture") {
  struct {
    std::string name;
    TJSAMP subsampling;
    int type;
    bool restart_markers;
  } const cases[] = {
      {"4:2:2", TJSAMP_422, 0, false},
      {"4:2:0", TJSAMP_420, 1, false},
      {"4:2:2 with restart markers", TJSAMP_422, 64, true},
      {"4:2:0 with restart markers", TJSAMP_420, 65, true},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    TrackUnderTest track(AV_CODEC_ID_MJPEG);
    const JpegFile first = MakeJpeg(test.subsampling, 80, test.restart_markers);
    const JpegFile second = MakeJpeg(test.subsampling, 30, test.restart_markers, 3);
    REQUIRE((first.restart_interval > 0) == test.restart_markers);
    SendJpeg(track, 0, {.type = test.type}, first, first.tables);
    SendJpeg(track, 3600, {.type = test.type}, second, second.tables);
    CHECK(track.losses.empty());
    REQUIRE(track.units.size() == 2);
    CHECK(track.units[0].keyframe);
    CHECK(DecodeToRgb(track.units[0].bytes) == DecodeToRgb(first.bytes));
    CHECK(DecodeToRgb(track.units[1].bytes) == DecodeToRgb(second.bytes));
    CHECK_FALSE(DecodeToRgb(track.units[1].bytes).empty());
  }
}

TEST_CASE("JPEG: tables by quality factor") {
  // RFC 2435 section 4.2 scales as libjpeg does, so its tables are the reference.
  for (const int quality : {1, 25, 49, 50, 75, 99}) {
    CAPTURE(quality);
    const JpegFile file = MakeJpeg(TJSAMP_420, quality);
    const auto tables = JpegQuantizationTables(quality);
    CHECK(ToBytes(tables) == file.tables);
    TrackUnderTest track(AV_CODEC_ID_MJPEG);
    SendJpeg(track, 0, {.quality = quality}, file, std::nullopt);
    SendJpeg(track, 3600, {.quality = quality}, file, std::nullopt);
    REQUIRE(track.units.size() >= 1);
    CHECK(DecodeToRgb(track.units[0].bytes) == DecodeToRgb(file.bytes));
  }
}

TEST_CASE("JPEG: tables that were sent before") {
  const JpegFile fine = MakeJpeg(TJSAMP_420, 90);
  const JpegFile coarse = MakeJpeg(TJSAMP_420, 20);
  TrackUnderTest track(AV_CODEC_ID_MJPEG);
  SendJpeg(track, 0, {.quality = 128}, fine, fine.tables);
  SendJpeg(track, 1, {.quality = 129}, coarse, coarse.tables);
  SendJpeg(track, 2, {.quality = 128}, fine, Bytes());
  SendJpeg(track, 3, {.quality = 129}, coarse, Bytes());
  REQUIRE(track.units.size() == 4);
  CHECK(DecodeToRgb(track.units[2].bytes) == DecodeToRgb(fine.bytes));
  CHECK(DecodeToRgb(track.units[3].bytes) == DecodeToRgb(coarse.bytes));
}

TEST_CASE("JPEG: one table for all components, and three of which the last is not used") {
  const JpegFile file = MakeJpeg(TJSAMP_420, 80);
  const Bytes one(file.tables.begin(), file.tables.begin() + 64);
  TrackUnderTest track(AV_CODEC_ID_MJPEG);
  SendJpeg(track, 0, {}, file, one);
  SendJpeg(track, 3600, {}, file, one + one);
  SendJpeg(track, 7200, {}, file, file.tables + one);
  REQUIRE(track.units.size() == 3);
  CHECK(DecodeToRgb(track.units[0].bytes) == DecodeToRgb(track.units[1].bytes));
  CHECK(DecodeToRgb(track.units[2].bytes) == DecodeToRgb(file.bytes));
}

TEST_CASE("JPEG: sizes that the header has no room for") {
  // What says the true size in a stream whose header says 0.
  const auto width_and_height = [](const Bytes& jpeg) {
    for (size_t at = 2;; at += 2 + ReadU16(jpeg, at + 2)) {
      if (jpeg.at(at + 1) == 0xc0) return std::pair<int, int>(ReadU16(jpeg, at + 7), ReadU16(jpeg, at + 5));
    }
  };
  const JpegFile file = MakeJpeg(TJSAMP_420, 80);
  const JpegHeader no_size{.width = 0, .height = 0};
  SUBCASE("from the SDP") {
    TrackUnderTest track(
        {.receiver = {}, .format = {.codec = AV_CODEC_ID_MJPEG, .jpeg_width = 2592, .jpeg_height = 1944}});
    SendJpeg(track, 0, no_size, file, file.tables);
    SendJpeg(track, 3600, {}, file, file.tables);
    SendJpeg(track, 7200, {}, file, file.tables);
    REQUIRE(track.units.size() >= 2);
    CHECK(width_and_height(track.units[0].bytes) == std::pair(2592, 1944));
    CHECK(width_and_height(track.units[1].bytes) == std::pair(kWidth, kHeight));
  }
  SUBCASE("from ONVIF's header extension") {
    TrackUnderTest track(AV_CODEC_ID_MJPEG);
    const Bytes extension = Bytes{0xff, 0xd8, 0, 6} + Bytes{0xff, 0xdd, 0, 4, 0, 0} +
                            Bytes{0xff, 0xc0, 0, 17, 8, 0x08, 0x70, 0x0f, 0x00, 3} + Bytes(8, 0);
    Bytes packet = MakeRtp({.sequence = 1, .timestamp = 0},
                           extension + MainHeader(no_size, 0, 0) + TableHeader(file.tables) + file.scan);
    packet[0] |= 0x10;
    track.SendRtp(packet);
    track.SendRtp(MakeRtp({.sequence = 2, .timestamp = 3600}, MainHeader({}, 0, 0) + TableHeader(file.tables)));
    REQUIRE(track.units.size() == 1);
    CHECK(width_and_height(track.units[0].bytes) == std::pair(3840, 2160));
  }
  SUBCASE("from nowhere") {
    TrackUnderTest track(AV_CODEC_ID_MJPEG);
    SendJpeg(track, 0, no_size, file, file.tables);
    CHECK(track.units.empty());
    CHECK(track->counters().unsupported > 0);
  }
}

TEST_CASE("JPEG: a picture that lost a packet does not come") {
  const JpegFile file = MakeJpeg(TJSAMP_420, 80);
  const size_t packets = (file.scan.size() + 499) / 500;
  REQUIRE(packets >= 4);
  for (size_t lost = 0; lost < packets; ++lost) {
    CAPTURE(lost);
    TrackUnderTest track(AV_CODEC_ID_MJPEG);
    SendJpeg(track, 0, {}, file, file.tables);
    for (size_t i = 0; i < packets; ++i) {
      const size_t end = std::min((i + 1) * 500, file.scan.size());
      const Bytes data(file.scan.begin() + i * 500, file.scan.begin() + end);
      if (i == lost) {
        track.Skip(1);
      } else {
        track.Send(3600, i + 1 == packets,
                   MainHeader({}, i * 500, 0) + (i ? Bytes() : TableHeader(file.tables)) + data);
      }
    }
    SendJpeg(track, 7200, {}, file, file.tables);
    SendJpeg(track, 10'800, {}, file, file.tables);
    REQUIRE(track.losses.size() == 1);
    // While markers are being learnt, the first picture may be waiting when the loss comes.
    CHECK(track.units.size() >= 2);
    for (const auto& unit : track.units) CHECK(DecodeToRgb(unit.bytes) == DecodeToRgb(file.bytes));
  }
}

TEST_CASE("JPEG: payloads that damage their picture") {
  const JpegFile file = MakeJpeg(TJSAMP_420, 80);
  const Bytes sixteen_bit{0, 1, 0, 128};
  struct {
    std::string name;
    Bytes payload;
    bool unsupported;
  } const cases[] = {
      {"a header cut short", {0, 0, 0, 0, 1, 255, 22}, false},
      {"a restart header cut short", {0, 0, 0, 0, 64, 255, 22, 18, 0, 1}, false},
      {"a table header cut short", MainHeader({}, 0, 0) + Bytes{0, 0, 0}, false},
      {"tables beyond the end", MainHeader({}, 0, 0) + Bytes{0, 0, 0, 128, 1, 2}, false},
      {"tables too small", MainHeader({}, 0, 0) + TableHeader(Bytes(63, 1)), false},
      {"no tables where each picture has them", MainHeader({}, 0, 0) + TableHeader({}), false},
      {"tables that never came", MainHeader({.quality = 200}, 0, 0) + TableHeader({}), false},
      {"tables of 16 bits", MainHeader({}, 0, 0) + sixteen_bit + Bytes(128, 1), true},
      {"quality 0", MainHeader({.quality = 0}, 0, 0), true},
      {"quality 100", MainHeader({.quality = 100}, 0, 0), true},
      {"a reserved type", MainHeader({.type = 2}, 0, 0), true},
      {"a type that both sides agree on by other means", MainHeader({.type = 128}, 0, 0), true},
      {"a fragment that does not follow", MainHeader({}, file.scan.size() + 1, 0) + Bytes{1}, false},
  };
  for (const auto& test : cases) {
    CAPTURE(test.name);
    TrackUnderTest track(AV_CODEC_ID_MJPEG);
    track.Send(0, false, MainHeader({}, 0, 0) + TableHeader(file.tables) + file.scan);
    track.Send(0, false, test.payload);
    CHECK(track.losses.size() == 1);
    CHECK(track->counters().unsupported == (test.unsupported ? 1 : 0));
    CHECK(track->counters().malformed == (test.unsupported ? 0 : 1));
    const size_t before = track.units.size();
    SendJpeg(track, 3600, {}, file, file.tables);
    SendJpeg(track, 7200, {}, file, file.tables);
    REQUIRE(track.units.size() > before);
    for (const auto& unit : track.units) CHECK(DecodeToRgb(unit.bytes) == DecodeToRgb(file.bytes));
  }
}

}  // namespace
}  // namespace framewell::testing
