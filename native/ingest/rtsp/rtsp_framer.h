// Cuts what a camera sends over the RTSP connection into elements, in place: RTP and RTCP packets
// behind '$' (RFC 2326 10.12) and messages between them. Whatever else comes is skipped and
// counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

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
  Kind kind = Kind::kNeedMore;
  uint8_t channel = 0;
  // How many of the unread bytes are done with.
  size_t consumed = 0;
  size_t wanted = 0;
  // Lies in the unread bytes.
  std::span<const uint8_t> bytes = {};
};

// Not thread-safe. Holds no bytes: the caller keeps what is not consumed and appends to it.
class RtspFramer {
 public:
  static constexpr size_t kMaxHead = 64 * 1024;
  static constexpr size_t kMaxBody = 256 * 1024;
  // kNeedMore never wants more than this.
  static constexpr size_t kMaxElement = kMaxHead + kMaxBody;

  // The channels that SETUP agreed on. A '$' before another channel counts only if an RTP or RTCP
  // packet follows.
  void SetChannels(uint8_t rtp_channel, uint8_t rtcp_channel) {
    rtp_channel_ = rtp_channel;
    rtcp_channel_ = rtcp_channel;
  }

  // The first element in `unread`.
  RtspElement Next(std::span<const uint8_t> unread) {
    if (unread.size() >= kPrefix && unread[0] == '$' && IsOurs(unread[1])) [[likely]] {
      const size_t length = static_cast<size_t>(unread[2] << 8 | unread[3]);
      if (!searching_ && unread.size() >= kPrefix + length) [[likely]] {
        return {RtspElement::Kind::kInterleaved, unread[1], kPrefix + length, 0,
                unread.subspan(kPrefix, length)};
      }
    }
    return NextSlow(unread);
  }

  // Bytes that belonged to nothing, since the beginning.
  uint64_t junk_bytes() const { return junk_bytes_; }
  // How often the order of the stream was lost and had to be searched for.
  uint64_t resyncs() const { return resyncs_; }

 private:
  static constexpr size_t kPrefix = 4;

  bool IsOurs(uint8_t channel) const { return channel == rtp_channel_ || channel == rtcp_channel_; }
  RtspElement NextSlow(std::span<const uint8_t> unread);
  // What `unread`, which is not empty, begins with; it may be kJunk.
  RtspElement Cut(std::span<const uint8_t> unread) const;
  RtspElement CutPacket(std::span<const uint8_t> unread) const;
  // Counts.
  RtspElement Junk(size_t size);

  uint8_t rtp_channel_ = 0;
  uint8_t rtcp_channel_ = 1;
  // The order of the stream is lost: a packet is believed only if something plausible follows it.
  bool searching_ = false;
  uint64_t junk_bytes_ = 0;
  uint64_t resyncs_ = 0;
};

}  // namespace framewell
