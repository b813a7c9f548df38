// Cuts what a camera sends over the RTSP connection into elements, in place: RTP and RTCP packets behind '$' (RFC 2326
// 10.12) and messages between them. Whatever else comes is skipped and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ingest/rtsp/interleaved_packet.h"

namespace framewell {

struct RtspElement {
  enum class Kind : uint8_t {
    // `bytes` is the payload of one packet on `channel`.
    kInterleaved,
    // `bytes` is one whole message, for ParseRtspMessage().
    kMessage,
    // Nothing can be said before the unread bytes are at least `wanted` many; nothing is consumed.
    kNeedMore,
    // `consumed` bytes belong to nothing.
    kJunk,
  };
  // Which bound the message was over that the junk began as.
  enum class Outgrown : uint8_t { kNone, kHead, kBody };

  Kind kind = Kind::kNeedMore;
  uint8_t channel = 0;
  Outgrown outgrown = Outgrown::kNone;
  // How many of the unread bytes are done with.
  size_t consumed = 0;
  size_t wanted = 0;
  // Lies in the unread bytes.
  std::span<const uint8_t> bytes = {};
};

// A packet of the stream under way, by channel, version, payload type and SSRC, is believed at once. Any other one (of
// another track, of a new source) is believed if something plausible follows it, and no packet of the stream under way
// begins within it.
//
// Not thread-safe. Holds no bytes: the caller keeps what is not consumed and appends to it.
class RtspFramer {
 public:
  static constexpr size_t kMaxHead = 64 * 1024;
  static constexpr size_t kMaxBody = 256 * 1024;
  // kNeedMore never wants more than this.
  static constexpr size_t kMaxElement = kMaxHead + kMaxBody;

  void Expect(const RtspPacketHints& hints) {
    hints_ = hints;
    examined_ = 0;
  }
  void ExpectSource(std::optional<uint32_t> source) {
    if (hints_.source == source) return;
    hints_.source = source;
    examined_ = 0;
  }

  // The first element in `unread`.
  RtspElement Next(std::span<const uint8_t> unread) {
    if (unread.size() >= InterleavedPacket::kPrefix + InterleavedPacket::kRtpHeader && unread[0] == '$') [[likely]] {
      const InterleavedPacket packet(unread);
      if (packet.IsOfSource(hints_) && unread.size() >= packet.size()) [[likely]]
        return Take(unread);
    }
    return NextSlow(unread);
  }

  // Bytes that belonged to nothing, since the beginning.
  uint64_t junk_bytes() const { return junk_bytes_; }
  // How often the order of the stream was lost and had to be searched for.
  uint64_t resyncs() const { return resyncs_; }

 private:
  RtspElement NextSlow(std::span<const uint8_t> unread);
  // What `unread` has at `at`, which is below its size; kJunk if nothing begins there.
  RtspElement Cut(std::span<const uint8_t> unread, size_t at);
  RtspElement CutPacket(std::span<const uint8_t> unread, size_t at);
  // Whether a packet of the stream under way begins behind `begin`, its header wholly before `end`.
  bool HasPacketWithin(std::span<const uint8_t> unread, size_t begin, size_t end);

  // Takes the packet that `unread` begins with.
  RtspElement Take(std::span<const uint8_t> unread) {
    searching_ = false;
    examined_ = 0;
    const InterleavedPacket packet(unread);
    return {.kind = RtspElement::Kind::kInterleaved,
            .channel = packet.channel(),
            .consumed = packet.size(),
            .bytes = unread.first(packet.size()).subspan(InterleavedPacket::kPrefix)};
  }
  // Counts.
  RtspElement Junk(size_t size, RtspElement::Outgrown outgrown = RtspElement::Outgrown::kNone);

  RtspPacketHints hints_;
  // The order of the stream is lost.
  bool searching_ = false;
  // No packet of the stream under way begins in the first so many of the unread bytes, their very first aside. Searches
  // go on from there, or a stream could have the same bytes searched over and over.
  size_t examined_ = 0;
  uint64_t junk_bytes_ = 0;
  uint64_t resyncs_ = 0;
};

}  // namespace framewell
