#include "ingest/rtsp/rtsp_framer.h"

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "rtsp_test_support.h"

namespace framewell {
namespace {

using Kind = RtspElement::Kind;

constexpr std::string_view kSource = "SRCE";

// An RTP packet by its looks: version 2, payload type 96, then filling, the SSRC in its place.
std::string Packet(size_t size, std::string_view source = kSource) {
  std::string packet(size, 'x');
  packet.replace(0, 2, "\x80\x60");
  packet.replace(8, 4, source);
  return packet;
}

// A receiver report, which needs no more than a header (RFC 3550 6.4.2).
std::string Report(std::string_view source = kSource) { return std::string("\x80\xc9\0\1", 4).append(source); }

std::string Frame(int channel, std::string_view payload) {
  std::string frame{'$', static_cast<char>(channel), static_cast<char>(payload.size() >> 8),
                    static_cast<char>(payload.size())};
  return frame.append(payload);
}

const std::string kResponse = "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2\r\n\r\nok";

// One line for each element: "packet 0 20", "message 40", "junk 3"; junk in a row is one. As the track does, it takes
// the source of the first RTP packet for the stream's.
std::vector<std::string> CutAll(RtspFramer& framer, std::string_view stream, size_t piece) {
  std::vector<std::string> elements;
  std::string unread;
  size_t junk = 0;
  bool has_source = false;
  const auto flush_junk = [&] {
    if (junk > 0) elements.push_back("junk " + std::to_string(junk));
    junk = 0;
  };
  for (size_t at = 0; at < stream.size(); at += piece) {
    unread.append(stream.substr(at, piece));
    for (;;) {
      const RtspElement element = framer.Next(Bytes(unread));
      if (element.kind == Kind::kNeedMore) {
        CHECK(element.wanted > unread.size());
        CHECK(element.wanted <= RtspFramer::kMaxElement);
        break;
      }
      REQUIRE(element.consumed > 0);
      REQUIRE(element.consumed <= unread.size());
      if (element.kind == Kind::kJunk) {
        junk += element.consumed;
      } else {
        flush_junk();
        const std::string size = std::to_string(element.bytes.size());
        elements.push_back(element.kind == Kind::kMessage ? "message " + size
                                                          : "packet " + std::to_string(element.channel) + ' ' + size);
        if (element.kind == Kind::kInterleaved && element.bytes.size() >= 12 && !std::exchange(has_source, true)) {
          framer.ExpectSource(ReadU32(element.bytes, 8));
        }
      }
      unread.erase(0, element.consumed);
    }
  }
  flush_junk();
  return elements;
}

using Elements = std::vector<std::string>;

// The same in one piece and in pieces of every small size.
void CheckCut(const std::string& stream, const Elements& expected) {
  for (const size_t piece : {stream.size(), size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{31}}) {
    CAPTURE(piece);
    RtspFramer framer;
    CHECK(CutAll(framer, stream, piece) == expected);
  }
}

TEST_CASE("packets and messages are cut wherever the reads end") {
  CheckCut(Frame(0, Packet(20)) + kResponse + Frame(1, Report()) + Frame(0, Packet(12)),
           {"packet 0 20", "message 49", "packet 1 8", "packet 0 12"});
}

TEST_CASE("a packet is given in place") {
  const std::string stream = Frame(1, Report()) + "$";
  RtspFramer framer;
  const RtspElement element = framer.Next(Bytes(stream));
  CHECK(element.kind == Kind::kInterleaved);
  CHECK(element.bytes.data() == Bytes(stream).data() + 4);
  CHECK(framer.Next(Bytes(stream).subspan(element.consumed)).wanted == 4);
}

TEST_CASE("the largest packet fits") {
  CheckCut(Frame(0, Packet(65535)) + Frame(0, Packet(12)), {"packet 0 65535", "packet 0 12"});
}

TEST_CASE("messages with bare line feeds and requests are cut") {
  CheckCut("RTSP/1.0 200 OK\nCSeq: 1\n\nOPTIONS * RTSP/1.0\r\n\r\n", {"message 25", "message 22"});
}

TEST_CASE("packets of the stream under way wait for nothing behind them") {
  RtspFramer framer;
  framer.Expect({.rtp_channel = 8, .rtcp_channel = 9, .payload_type = 96});
  CHECK(CutAll(framer, Frame(8, Packet(20)) + Frame(9, Report()) + "?" + Frame(8, Packet(30)), 64) ==
        Elements{"packet 8 20", "packet 9 8", "junk 1", "packet 8 30"});
}

TEST_CASE("what else has a length waits for something plausible behind it") {
  const std::string stream = Frame(0, Packet(20));
  for (const std::string& other : {Frame(0, Packet(40, "ELSE")), Frame(1, Report("ELSE")), Frame(4, Packet(40)),
                                   Frame(0, Packet(40).replace(1, 1, "\x61"))}) {
    const std::string size = std::to_string(other.size() - 4);
    const std::string packet = std::string("packet ") + static_cast<char>('0' + other[1]) + ' ' + size;
    for (const std::string& next : {stream, kResponse, "\r\n" + kResponse, other + stream}) {
      RtspFramer framer;
      framer.Expect({.payload_type = 96});
      const Elements elements = CutAll(framer, stream + other + next, 1000);
      REQUIRE(elements.size() >= 2);
      CHECK(elements[1] == packet);
    }
    RtspFramer framer;
    framer.Expect({.payload_type = 96});
    CHECK(CutAll(framer, stream + other, 1000) == Elements{"packet 0 20"});
  }
}

TEST_CASE("resynchronises after junk and counts it") {
  RtspFramer framer;
  const std::string stream =
      Frame(0, Packet(20)) + "junk $\x01 more junk" + Frame(0, Packet(30)) + Frame(1, Report()) + "tail";
  CHECK(CutAll(framer, stream, stream.size()) ==
        Elements{"packet 0 20", "junk 17", "packet 0 30", "packet 1 8", "junk 4"});
  CHECK(framer.junk_bytes() == 21);
  CHECK(framer.resyncs() == 2);
}

TEST_CASE("resynchronises at a message") {
  CheckCut("\x01\x02\x03" + kResponse + Frame(0, Packet(12)), {"junk 3", "message 49", "packet 0 12"});
}

TEST_CASE("what only looks like a packet does not end the search") {
  // A '$' with our channel and a version 2 behind it, but nothing that follows its 2056 bytes.
  const std::string decoy = std::string("$\x00\x08\x08\x80", 5);
  const std::string stream = "?" + decoy + Frame(0, Packet(3000)) + Frame(0, Packet(40)) + "$";
  RtspFramer framer;
  CHECK(CutAll(framer, stream, stream.size()) == Elements{"junk 6", "packet 0 3000", "packet 0 40"});
}

TEST_CASE("what looks like a packet is not waited for when one of the stream begins in it") {
  // On a channel that may be another track's, in the right order, 65000 bytes long.
  const std::string decoy = std::string("$\x04\xfd\xe8\x80", 5);
  CheckCut(Frame(0, Packet(20)) + decoy + Frame(0, Packet(30)) + decoy + Frame(1, Report()) + Frame(0, Packet(40)),
           {"packet 0 20", "junk 5", "packet 0 30", "junk 5", "packet 1 8", "packet 0 40"});
}

// Forty packets with junk before each but the first.
struct Junked {
  std::string stream = Frame(0, Packet(100));
  Elements packets{"packet 0 100"};
  size_t junk_bytes = 0;

  template <typename NextByte>
  Junked(std::mt19937& random, size_t least, size_t most, NextByte next_byte) {
    for (int i = 0; i < 40; ++i) {
      const size_t junk = least + random() % (most - least + 1);
      for (size_t j = 0; j < junk; ++j) stream += next_byte();
      junk_bytes += junk;
      const size_t size = 12 + random() % 1400;
      stream += Frame(0, Packet(size));
      packets.push_back("packet 0 " + std::to_string(size));
    }
  }
};

TEST_CASE("junk before every packet costs nothing but itself") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const Junked junked(random, seed % 2 ? 37 : 0, seed % 2 ? 37 : 100, [&] { return static_cast<char>(random()); });
    for (const size_t piece : {junked.stream.size(), size_t{1}, size_t{1000}}) {
      RtspFramer framer;
      framer.Expect({.payload_type = 96});
      Elements elements = CutAll(framer, junked.stream, piece);
      std::erase_if(elements, [](const std::string& element) { return element.starts_with("junk"); });
      CHECK(elements == junked.packets);
      CHECK(framer.junk_bytes() == junked.junk_bytes);
    }
  }
}

TEST_CASE("junk that looks like packets hides none") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const Junked junked(random, 0, 100, [&] { return std::string_view("$\0\1\x0c\x80\x60R\r\n", 9)[random() % 9]; });
    RtspFramer framer;
    framer.Expect({.payload_type = 96});
    const Elements elements = CutAll(framer, junked.stream, 1000);
    auto next = junked.packets.begin();
    for (const std::string& element : elements) {
      if (next != junked.packets.end() && element == *next) ++next;
    }
    CHECK(next == junked.packets.end());
  }
}

TEST_CASE("a message that is none is skipped") {
  const std::string packets = Frame(0, Packet(12)) + Frame(0, Packet(12)) + "\n";
  SUBCASE("binary inside") {
    CheckCut("RTSP/1.0 20\x01" + packets, {"junk 12", "packet 0 12", "packet 0 12", "junk 1"});
  }
  SUBCASE("no status") {
    CheckCut("RTSP/1.0 ??\r\n\r\n" + packets, {"junk 15", "packet 0 12", "packet 0 12", "junk 1"});
  }
  SUBCASE("a body larger than any SDP") {
    const std::string head = "RTSP/1.0 200 OK\r\nContent-Length: 262145\r\n\r\n";
    CheckCut(head + packets, {"junk " + std::to_string(head.size()), "packet 0 12", "packet 0 12", "junk 1"});
  }
  SUBCASE("headers without end") {
    RtspFramer framer;
    const std::string stream = "RTSP/1.0 200 OK\r\nX: " + std::string(70'000, 'x') + packets;
    const auto elements = CutAll(framer, stream, 1000);
    REQUIRE(elements.size() >= 2);
    CHECK(elements[elements.size() - 2] == "packet 0 12");
    CHECK(framer.junk_bytes() == stream.size() - packets.size() + 1);
  }
}

TEST_CASE("a body of the largest size is waited for") {
  RtspFramer framer;
  const std::string head = "RTSP/1.0 200 OK\r\nContent-Length: 262144\r\n\r\n";
  CHECK(framer.Next(Bytes(head)).wanted == head.size() + RtspFramer::kMaxBody);
}

TEST_CASE("a stream of what looks like packets is read in linear time") {
  // Each is as long as can be, fits the channel and has a beginning behind it; the stream's packets are rare, so that
  // each would be searched to its end.
  std::string stream = Frame(0, Packet(20));
  const std::string decoys = [] {
    std::string text;
    while (text.size() < 64'000) text += std::string("$\0\xff\xfc\x80\x60\0\0", 8);
    return text;
  }();
  for (int i = 0; i < 100; ++i) stream += decoys + Frame(0, Packet(20));
  for (const size_t piece : {stream.size(), size_t{1000}}) {
    RtspFramer framer;
    framer.Expect({.payload_type = 96});
    const auto start = std::chrono::steady_clock::now();
    CHECK(CutAll(framer, stream, piece).size() > 100);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  }
}

TEST_CASE("a stream of beginnings is read in linear time") {
  // Each could be the start of a message of 64 KiB. If each was read to its end, or to the byte that shows that it is
  // none, this would take a minute.
  for (const std::string end : {"", "\x01"}) {
    std::string stream;
    while (stream.size() < 8'000'000) {
      for (int i = 0; i < 8000; ++i) stream += "RTSP/1.\n";
      stream += end;
    }
    RtspFramer framer;
    const auto start = std::chrono::steady_clock::now();
    CHECK(CutAll(framer, stream, 1'000'000).size() == 1);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  }
}

}  // namespace
}  // namespace framewell
