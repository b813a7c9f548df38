#include "libav_input_support.h"

#include <cstring>

#include "ingest/libav_input.h"

namespace framewell::testing {
namespace {

// Gives one item for each read.
struct Feed {
  std::span<const Bytes> rest;

  static int Read(void* opaque, uint8_t* buffer, int size) {
    auto& feed = *static_cast<Feed*>(opaque);
    if (feed.rest.empty()) return AVERROR_EOF;
    const Bytes& item = feed.rest.front();
    feed.rest = feed.rest.subspan(1);
    std::memcpy(buffer, item.data(), std::min<size_t>(item.size(), static_cast<size_t>(size)));
    return static_cast<int>(std::min<size_t>(item.size(), static_cast<size_t>(size)));
  }
  // Receiver reports.
  static int Write(void*, uint8_t*, int size) { return size; }
};

AvIoPtr OpenIo(Feed& feed) {
  constexpr int kBuffer = 64 * 1024;
  return AvIoPtr(avio_alloc_context(static_cast<uint8_t*>(av_malloc(kBuffer)), kBuffer, 0, &feed, &Feed::Read,
                                    &Feed::Write, nullptr));
}

std::string Hex(std::span<const uint8_t> bytes) {
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace

std::string SdpOf(const RtpClip& clip) {
  const AVCodecParameters& parameters = *clip.parameters;
  const bool jpeg = parameters.codec_id == AV_CODEC_ID_MJPEG;
  const std::string type = jpeg ? "26" : "96";
  std::string sdp =
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5000 RTP/AVP " + type;
  if (jpeg) return sdp + "\r\n";
  const char* name = parameters.codec_id == AV_CODEC_ID_H264   ? "H264"
                     : parameters.codec_id == AV_CODEC_ID_HEVC ? "H265"
                                                               : "MP4V-ES";
  sdp += "\r\na=rtpmap:96 " + std::string(name) + "/90000\r\n";
  if (parameters.codec_id == AV_CODEC_ID_MPEG4 && parameters.extradata_size > 0) {
    sdp += "a=fmtp:96 profile-level-id=1; config=" +
           Hex({parameters.extradata, static_cast<size_t>(parameters.extradata_size)}) + "\r\n";
  }
  return sdp;
}

EngineError ReadByLibav(const std::string& sdp, const std::vector<Bytes>& packets, PacketSink& sink) {
  LibavWatch watch{std::stop_token()};
  AVFormatContext* context = AllocateLibavInput(watch);
  const std::vector<Bytes> description{ToBytes({reinterpret_cast<const uint8_t*>(sdp.data()), sdp.size()})};
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
  const AvFormatInputPtr input(context);
  Feed packet_feed{packets};
  const AvIoPtr packet_io = OpenIo(packet_feed);
  // Or what is written would go into the buffer that is read from.
  packet_io->direct = 1;
  input->pb = packet_io.get();
  try {
    ReadLibavInput(*input, watch, std::chrono::seconds(10), sink);
  } catch (const EngineError& ended) {
    return ended;
  }
}

}  // namespace framewell::testing
