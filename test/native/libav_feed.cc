#include "libav_feed.h"

#include <algorithm>
#include <span>

#include "av_io.h"
#include "ingest/libav_input.h"

namespace framewell {
namespace {

using Bytes = std::vector<uint8_t>;

// Gives one item for each read.
struct Feed {
  std::span<const Bytes> rest;

  static int Read(void* opaque, uint8_t* buffer, int size) {
    auto& feed = *static_cast<Feed*>(opaque);
    if (feed.rest.empty()) return AVERROR_EOF;
    const Bytes& item = feed.rest.front();
    feed.rest = feed.rest.subspan(1);
    const size_t taken = std::min(item.size(), static_cast<size_t>(size));
    std::copy_n(item.begin(), taken, buffer);
    return static_cast<int>(taken);
  }
  // Receiver reports.
  static int Write(void*, uint8_t*, int size) { return size; }
};

AvIoPtr OpenIo(Feed& feed) {
  constexpr int kBuffer = 64 * 1024;
  return AvIoPtr(avio_alloc_context(static_cast<uint8_t*>(av_malloc(kBuffer)), kBuffer, 0, &feed, &Feed::Read,
                                    &Feed::Write, nullptr));
}

}  // namespace

EngineError ReadByLibav(const std::string& sdp, const std::vector<Bytes>& packets, PacketSink& sink) {
  LibavWatch watch{std::stop_token()};
  AVFormatContext* context = AllocateLibavInput(watch);
  const std::vector<Bytes> description{Bytes(sdp.begin(), sdp.end())};
  Feed description_feed{description};
  const AvIoPtr description_io = OpenIo(description_feed);
  context->pb = description_io.get();
  // libavformat reads the packets from where the SDP came from, instead of opening ports.
  AVDictionary* options = nullptr;
  av_dict_set(&options, "sdp_flags", "custom_io", 0);
  av_dict_set(&options, "reorder_queue_size", "2", 0);
  const int error = avformat_open_input(&context, nullptr, av_find_input_format("sdp"), &options);
  av_dict_free(&options);
  if (error < 0) return EngineError("ERR_RTSP_PROTOCOL", AvErrorText(error));
  Feed packet_feed{packets};
  const AvIoPtr packet_io = OpenIo(packet_feed);
  // Or what is written would go into the buffer that is read from.
  packet_io->direct = 1;
  const AvFormatInputPtr input(context);
  input->pb = packet_io.get();
  try {
    ReadLibavInput(*input, watch, std::chrono::seconds(10), sink);
  } catch (const EngineError& ended) {
    return ended;
  }
}

}  // namespace framewell
