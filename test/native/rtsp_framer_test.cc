#include "ingest/rtsp/rtsp_framer.h"

#include <chrono>
#include <string>
#include <vector>

#include "rtsp_test_support.h"

namespace framewell {
namespace {

using Kind = RtspElement::Kind;

// An RTP packet by its looks: version 2, then filling.
std::string Packet(size_t size, char fill = 'x') { return '\x80' + std::string(size - 1, fill); }

std::string Frame(int channel, std::string_view payload) {
  std::string frame{'$', static_cast<char>(channel), static_cast<char>(payload.size() >> 8),
                    static_cast<char>(payload.size())};
  return frame.append(payload);
}

const std::string kResponse = "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2\r\n\r\nok";

// One line for each element: "packet 0 20", "message 40", "junk 3"; junk in a row is one.
std::vector<std::string> CutAll(RtspFramer& framer, std::string_view stream, size_t piece) {
  std::vector<std::string> elements;
  std::string unread;
  size_t junk = 0;
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
  CheckCut(Frame(0, Packet(20)) + kResponse + Frame(1, Packet(8)) + Frame(0, "") + Frame(0, Packet(5)),
           {"packet 0 20", "message 49", "packet 1 8", "packet 0 0", "packet 0 5"});
}

TEST_CASE("a packet is given in place") {
  const std::string stream = Frame(1, Packet(12)) + "$";
  RtspFramer framer;
  const RtspElement element = framer.Next(Bytes(stream));
  CHECK(element.kind == Kind::kInterleaved);
  CHECK(element.bytes.data() == Bytes(stream).data() + 4);
  CHECK(framer.Next(Bytes(stream).subspan(element.consumed)).wanted == 4);
}

TEST_CASE("the largest packet fits") {
  CheckCut(Frame(0, Packet(65535)) + Frame(0, Packet(9)), {"packet 0 65535", "packet 0 9"});
}

TEST_CASE("messages with bare line feeds and requests are cut") {
  CheckCut("RTSP/1.0 200 OK\nCSeq: 1\n\nOPTIONS * RTSP/1.0\r\n\r\n", {"message 25", "message 22"});
}

TEST_CASE("channels that SETUP agreed on need no RTP version") {
  RtspFramer framer;
  framer.SetChannels(8, 9);
  CHECK(CutAll(framer, Frame(8, "\x01\x02") + Frame(9, Packet(8)), 64) == Elements{"packet 8 2", "packet 9 8"});
}

TEST_CASE("resynchronises after junk and counts it") {
  RtspFramer framer;
  const std::string stream =
      Frame(0, Packet(20)) + "junk $\x01 more junk" + Frame(0, Packet(30)) + Frame(1, Packet(8)) + "tail";
  CHECK(CutAll(framer, stream, stream.size()) ==
        Elements{"packet 0 20", "junk 17", "packet 0 30", "packet 1 8", "junk 4"});
  CHECK(framer.junk_bytes() == 21);
  CHECK(framer.resyncs() == 2);
}

TEST_CASE("resynchronises at a message") {
  CheckCut("\x01\x02\x03" + kResponse + Frame(0, Packet(9)), {"junk 3", "message 49", "packet 0 9"});
}

TEST_CASE("what only looks like a packet does not end the search") {
  // A '$' with our channel and a version 2 behind it, but nothing that follows its 2056 bytes.
  const std::string decoy = std::string("$\x00\x08\x08\x80", 5);
  const std::string stream = "?" + decoy + Frame(0, Packet(3000)) + Frame(0, Packet(40)) + "$";
  RtspFramer framer;
  CHECK(CutAll(framer, stream, stream.size()) == Elements{"junk 6", "packet 0 3000", "packet 0 40"});
}

TEST_CASE("a message that is none is skipped") {
  const std::string packets = Frame(0, Packet(9)) + Frame(0, Packet(9));
  SUBCASE("binary inside") { CheckCut("RTSP/1.0 20\x01" + packets, {"junk 12", "packet 0 9", "packet 0 9"}); }
  SUBCASE("no status") { CheckCut("RTSP/1.0 ??\r\n\r\n" + packets, {"junk 15", "packet 0 9", "packet 0 9"}); }
  SUBCASE("a body larger than any SDP") {
    const std::string head = "RTSP/1.0 200 OK\r\nContent-Length: 262145\r\n\r\n";
    CheckCut(head + packets, {"junk " + std::to_string(head.size()), "packet 0 9", "packet 0 9"});
  }
  SUBCASE("headers without end") {
    RtspFramer framer;
    const std::string stream = "RTSP/1.0 200 OK\r\nX: " + std::string(70'000, 'x') + packets;
    const auto elements = CutAll(framer, stream, 1000);
    REQUIRE(elements.size() >= 2);
    CHECK(elements.back() == "packet 0 9");
    CHECK(framer.junk_bytes() == stream.size() - packets.size());
  }
}

TEST_CASE("a body of the largest size is waited for") {
  RtspFramer framer;
  const std::string head = "RTSP/1.0 200 OK\r\nContent-Length: 262144\r\n\r\n";
  CHECK(framer.Next(Bytes(head)).wanted == head.size() + RtspFramer::kMaxBody);
}

TEST_CASE("a stream of beginnings is read in linear time") {
  // Each could be the start of a message of 64 KiB. If each was read to its end, or to the byte that
  // shows that it is none, this would take a minute.
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
