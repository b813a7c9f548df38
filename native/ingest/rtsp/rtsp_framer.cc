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
using Outgrown = RtspElement::Outgrown;

// How messages begin: responses, and the requests that a server could send (RFC 2326 10, RFC 7826 13.5).
constexpr std::array<std::string_view, 8> kMessageStarts{"RTSP/1.",        "OPTIONS ",  "ANNOUNCE ", "GET_PARAMETER ",
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

// Whether `bytes` look like the beginning of an element, a line end before one included.
Match MatchStart(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return Match::kTooShortToTell;
  if (IsLineEnd(bytes[0])) return Match::kYes;
  if (bytes[0] != '$') return MatchMessageStart(bytes);
  if (bytes.size() < InterleavedPacket::kPrefix) return Match::kTooShortToTell;
  const InterleavedPacket packet(bytes);
  if (bytes.size() < packet.telling_size()) return Match::kTooShortToTell;
  return packet.HasRtpVersion() ? Match::kYes : Match::kNo;
}

RtspElement NeedMore(size_t wanted) { return {.kind = Kind::kNeedMore, .wanted = wanted}; }

// Nothing begins in the first `size` bytes.
RtspElement NoElement(size_t size, Outgrown outgrown = Outgrown::kNone) {
  return {.kind = Kind::kJunk, .outgrown = outgrown, .consumed = size};
}

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
  const auto value = std::visit([](const auto& m) { return m.headers.Find("Content-Length"); }, message);
  return value ? ParseUnsigned<size_t>(*value).value_or(0) : 0;
}

RtspElement CutMessage(std::span<const uint8_t> unread) {
  const auto window = unread.first(std::min(unread.size(), RtspFramer::kMaxHead));
  const size_t head_size = FindHeadEnd(window);
  const auto head = window.first(head_size == 0 ? window.size() : head_size);
  // What turns out to be no message is skipped as far as it was read, or a stream of starts of messages would be read
  // over and over.
  const auto text_end = std::find_if_not(head.begin(), head.end(), IsText);
  if (text_end != head.end()) return NoElement(static_cast<size_t>(text_end - head.begin()));
  if (head_size == 0) {
    const bool overlong = window.size() == RtspFramer::kMaxHead;
    return overlong ? NoElement(window.size(), Outgrown::kHead) : NeedMore(unread.size() + 1);
  }
  const auto message = ParseRtspMessage(head);
  const size_t body_size = message ? ContentLength(*message) : 0;
  if (!message) return NoElement(head_size);
  if (body_size > RtspFramer::kMaxBody) return NoElement(head_size, Outgrown::kBody);
  const size_t size = head_size + body_size;
  if (unread.size() < size) return NeedMore(size);
  return {.kind = Kind::kMessage, .consumed = size, .bytes = unread.first(size)};
}

}  // namespace

RtspElement RtspFramer::CutPacket(std::span<const uint8_t> unread, size_t at) {
  const auto bytes = unread.subspan(at);
  if (bytes.size() < InterleavedPacket::kPrefix) return NeedMore(InterleavedPacket::kPrefix);
  const InterleavedPacket packet(bytes);
  if (searching_ && !packet.IsOnChannel(hints_)) return NoElement(1);
  if (bytes.size() < packet.telling_size()) return NeedMore(packet.telling_size());
  // Which source the first packets have is not known.
  const bool first = !searching_ && !hints_.source && (packet.IsRtp(hints_) || packet.IsRtcp(hints_));
  if (!first && !packet.IsOfSource(hints_)) {
    if (!packet.HasRtpVersion()) return NoElement(1);
    const bool whole = bytes.size() >= packet.size();
    const Match next = whole ? MatchStart(bytes.subspan(packet.size())) : Match::kTooShortToTell;
    if (next == Match::kNo || HasPacketWithin(unread, at, at + packet.size())) return NoElement(1);
    if (whole && next == Match::kTooShortToTell) return NeedMore(bytes.size() + 1);
  }
  if (bytes.size() < packet.size()) return NeedMore(packet.size());
  return {.kind = Kind::kInterleaved, .consumed = packet.size()};
}

bool RtspFramer::HasPacketWithin(std::span<const uint8_t> unread, size_t begin, size_t end) {
  constexpr size_t kTelling = InterleavedPacket::kPrefix + InterleavedPacket::kRtpHeader;
  end = std::min(end, unread.size());
  if (end < kTelling) return false;
  const size_t places_end = end - kTelling + 1;
  size_t at = std::max(begin + 1, examined_);
  for (; at < places_end; ++at) {
    if (unread[at] == '$' && InterleavedPacket(unread.subspan(at)).IsOfSource(hints_)) break;
  }
  examined_ = at;
  return at < places_end;
}

RtspElement RtspFramer::Cut(std::span<const uint8_t> unread, size_t at) {
  const auto bytes = unread.subspan(at);
  if (bytes[0] == '$') return CutPacket(unread, at);
  switch (MatchMessageStart(bytes)) {
    case Match::kYes:
      return CutMessage(bytes);
    case Match::kTooShortToTell:
      return NeedMore(bytes.size() + 1);
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
  const RtspElement element = Cut(unread, 0);
  switch (element.kind) {
    case Kind::kInterleaved:
      return Take(unread);
    case Kind::kMessage:
      searching_ = false;
      examined_ = 0;
      return element;
    case Kind::kNeedMore:
      return element;
    case Kind::kJunk:
      break;
  }
  if (!searching_) ++resyncs_;
  searching_ = true;
  size_t skipped = element.consumed;
  while (skipped < unread.size()) {
    const RtspElement candidate = Cut(unread, skipped);
    if (candidate.kind != Kind::kJunk || candidate.outgrown != Outgrown::kNone) break;
    skipped += candidate.consumed;
  }
  return Junk(skipped, element.outgrown);
}

RtspElement RtspFramer::Junk(size_t size, Outgrown outgrown) {
  junk_bytes_ += size;
  examined_ = std::max(examined_, size) - size;
  return NoElement(size, outgrown);
}

}  // namespace framewell
