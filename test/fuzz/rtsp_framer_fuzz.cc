#include <string>
#include <vector>

#include "fuzz_support.h"
#include "ingest/rtsp/rtsp_framer.h"
#include "ingest/rtsp/rtsp_message.h"

using namespace framewell;

namespace {

struct Cut {
  std::vector<std::string> elements;
  uint64_t junk_bytes = 0;
};

// Cuts what comes in pieces of `piece` bytes.
Cut CutAll(std::span<const uint8_t> stream, size_t piece) {
  Cut cut;
  RtspFramer framer;
  framer.Expect({.payload_type = 96, .source = 0x53524345});
  size_t begin = 0;
  for (size_t end = 0; end < stream.size();) {
    end = std::min(end + piece, stream.size());
    for (;;) {
      const auto unread = stream.subspan(begin, end - begin);
      const RtspElement element = framer.Next(unread);
      if (element.kind == RtspElement::Kind::kNeedMore) {
        Require(element.wanted > unread.size() && element.wanted <= RtspFramer::kMaxElement);
        break;
      }
      Require(element.consumed > 0 && element.consumed <= unread.size());
      if (element.kind == RtspElement::Kind::kMessage) Require(ParseRtspMessage(element.bytes).has_value());
      if (element.kind != RtspElement::Kind::kJunk) {
        cut.elements.emplace_back(reinterpret_cast<const char*>(element.bytes.data()), element.bytes.size());
      }
      begin += element.consumed;
    }
  }
  cut.junk_bytes = framer.junk_bytes();
  return cut;
}

}  // namespace

// The first byte says in what pieces the rest comes; that must make no difference.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::span stream(data + 1, size - 1);
  const Cut whole = CutAll(stream, std::max<size_t>(stream.size(), 1));
  const Cut pieces = CutAll(stream, 1 + data[0]);
  Require(whole.elements == pieces.elements);
  Require(whole.junk_bytes == pieces.junk_bytes);
  return 0;
}
