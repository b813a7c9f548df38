#include "ingest/rtsp/rtsp_framer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "ingest/rtsp/rtsp_message.h"
#include "ingest/rtsp/text.h"

namespace framewell {
namespace {

using Kind = RtspElement::Kind;

// RFC 3550 6.4.1: the shortest RTCP packet.
constexpr size_t kShortestPacket = 8;

// How messages begin: responses, and the requests that a server could send (RFC 2326 10, RFC
// 7826 13.5).
constexpr std::array<std::string_view, 8> kMessageStarts{
    "RTSP/1.",        "OPTIONS ",  "ANNOUNCE ", "GET_PARAMETER ",
    "SET_PARAMETER ", "REDIRECT ", "TEARDOWN ", "PLAY_NOTIFY "};

enum class Match : uint8_t { kNo, kYes, kTooShortToTell };

Match MatchMessageStart(std::span<const uint8_t> bytes) {
  if (bytes[0] < 'A' || bytes[0] > 'T') return Match::kNo;  // Most bytes of junk end here.
  for (const std::string_view start : kMessageStarts) {
    const size_t compared = std::min(start.size(), bytes.size());
    if (std::memcmp(start.data(), bytes.data(), compared) != 0) continue;
    return compared == start.size() ? Match::kYes : Match::kTooShortToTell;
  }
  return Match::kNo;
}

bool IsLineEnd(uint8_t byte) { return byte == '\r' || byte == '\n'; }

bool IsText(uint8_t byte) { return byte >= ' ' || byte == '\t' || IsLineEnd(byte); }

bool HasRtpVersion(uint8_t first_byte) { return first_byte >> 6 == 2; }

RtspElement NeedMore(size_t wanted) { return {.kind = Kind::kNeedMore, .wanted = wanted}; }

// Nothing begins in the first `size` bytes.
RtspElement NoElement(size_t size) { return {.kind = Kind::kJunk, .consumed = size}; }

// Length of start line and headers with the empty line behind them; 0 when it is not in `bytes`.
size_t FindHeadEnd(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1)) {
    const std::string_view after = text.substr(i + 1);
    if (after.starts_with('\n')) return i + 2;
    if (after.starts_with("\r\n")) return i + 3;
  }
  return 0;
}

size_t ContentLength(const RtspMessage& message) {
  const auto value =
      std::visit([](const auto& m) { return m.headers.Find("Content-Length"); }, message);
  return value ? ParseUnsigned<size_t>(*value).value_or(0) : 0;
}

RtspElement CutMessage(std::span<const uint8_t> unread) {
  const auto window = unread.first(std::min(unread.size(), RtspFramer::kMaxHead));
  const size_t head_size = FindHeadEnd(window);
  const auto head = window.first(head_size == 0 ? window.size() : head_size);
  // What turns out to be no message is skipped as far as it was read, or a stream of starts of
  // messages would be read over and over.
  const auto text_end = std::find_if_not(head.begin(), head.end(), IsText);
  if (text_end != head.end()) return NoElement(static_cast<size_t>(text_end - head.begin()));
  if (head_size == 0) {
    const bool overlong = window.size() == RtspFramer::kMaxHead;
    return overlong ? NoElement(window.size()) : NeedMore(unread.size() + 1);
  }
  const auto message = ParseRtspMessage(head);
  const size_t body_size = message ? ContentLength(*message) : 0;
  if (!message || body_size > RtspFramer::kMaxBody) return NoElement(head_size);
  const size_t size = head_size + body_size;
  if (unread.size() < size) return NeedMore(size);
  return {.kind = Kind::kMessage, .consumed = size, .bytes = unread.first(size)};
}

}  // namespace

RtspElement RtspFramer::CutPacket(std::span<const uint8_t> unread) const {
  if (unread.size() < kPrefix) return NeedMore(kPrefix);
  const uint8_t channel = unread[1];
  const size_t length = static_cast<size_t>(unread[2] << 8 | unread[3]);
  if (searching_ || !IsOurs(channel)) {
    if (length < kShortestPacket) return NoElement(1);
    if (unread.size() <= kPrefix) return NeedMore(kPrefix + length);
    if (!HasRtpVersion(unread[kPrefix])) return NoElement(1);
  }
  const size_t size = kPrefix + length;
  if (searching_) {
    // By chance alone one byte in 131072 looks like a packet of ours. Another start where this one
    // would end makes sure.
    if (!IsOurs(channel)) return NoElement(1);
    if (unread.size() <= size) return NeedMore(size + 1);
    const auto next = unread.subspan(size);
    if (next[0] != '$' && !IsLineEnd(next[0])) {
      const Match match = MatchMessageStart(next);
      if (match == Match::kNo) return NoElement(1);
      if (match == Match::kTooShortToTell) return NeedMore(unread.size() + 1);
    }
  }
  if (unread.size() < size) return NeedMore(size);
  return {Kind::kInterleaved, channel, size, 0, unread.subspan(kPrefix, length)};
}

RtspElement RtspFramer::Cut(std::span<const uint8_t> unread) const {
  if (unread[0] == '$') return CutPacket(unread);
  switch (MatchMessageStart(unread)) {
    case Match::kYes:
      return CutMessage(unread);
    case Match::kTooShortToTell:
      return NeedMore(unread.size() + 1);
    case Match::kNo:
      break;
  }
  return NoElement(1);
}

RtspElement RtspFramer::NextSlow(std::span<const uint8_t> unread) {
  if (unread.empty()) return NeedMore(1);
  // RFC 2326 4.1: empty lines before a message are nothing to lose one's way over.
  const auto blank_end = std::find_if_not(unread.begin(), unread.end(), IsLineEnd);
  if (blank_end != unread.begin()) {
    return Junk(static_cast<size_t>(blank_end - unread.begin()));
  }
  const RtspElement element = Cut(unread);
  if (element.kind != Kind::kJunk) {
    if (element.kind != Kind::kNeedMore) searching_ = false;
    return element;
  }
  if (!searching_) ++resyncs_;
  searching_ = true;
  size_t skipped = element.consumed;
  while (skipped < unread.size()) {
    const RtspElement candidate = Cut(unread.subspan(skipped));
    if (candidate.kind != Kind::kJunk) break;
    skipped += candidate.consumed;
  }
  return Junk(skipped);
}

RtspElement RtspFramer::Junk(size_t size) {
  junk_bytes_ += size;
  return {.kind = Kind::kJunk, .consumed = size};
}

}  // namespace framewell
