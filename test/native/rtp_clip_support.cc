#include "rtp_clip_support.h"

#include <cstring>
#include <stdexcept>

extern "C" {
#include <libavutil/opt.h>
}

#include "av_io.h"

namespace framewell::testing {
namespace {

constexpr int kRate = 90'000;
constexpr int kFrameTicks = 3600;
constexpr int kMaxPacket = 1200;

void Check(int error, const char* what) {
  if (error < 0) throw std::runtime_error(std::string(what) + ": " + AvErrorText(error));
}

struct FreeOutput {
  void operator()(AVFormatContext* context) const noexcept { avformat_free_context(context); }
};

// Something that moves and has detail, so that pictures of all types come out.
void Paint(AVFrame& frame, int number) {
  for (int plane = 0; plane < 3; ++plane) {
    const int shift_x = plane && frame.format != AV_PIX_FMT_YUV444P && frame.format != AV_PIX_FMT_YUVJ444P;
    const int shift_y = plane && (frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P);
    for (int y = 0; y < frame.height >> shift_y; ++y) {
      for (int x = 0; x < frame.width >> shift_x; ++x) {
        const int noise = (x * 73 + y * 151 + number * 31 * plane) % 23;
        frame.data[plane][y * frame.linesize[plane] + x] =
            static_cast<uint8_t>(((x + number * 3) ^ (y - number * 2)) + noise);
      }
    }
  }
}

class Encoder {
 public:
  explicit Encoder(const RtpClipSettings& settings) {
    const AVCodec* codec = avcodec_find_encoder_by_name(settings.encoder.c_str());
    if (!codec) throw std::runtime_error("FFmpeg lacks the encoder " + settings.encoder);
    context_.reset(avcodec_alloc_context3(codec));
    context_->width = settings.width;
    context_->height = settings.height;
    context_->pix_fmt = settings.format;
    context_->color_range = settings.encoder == "mjpeg" ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    context_->time_base = {1, 25};
    context_->framerate = {25, 1};
    context_->gop_size = 12;
    context_->thread_count = 1;
    if (settings.global_header) context_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    for (const auto& [key, value] : settings.options) {
      Check(av_opt_set(context_.get(), key.c_str(), value.c_str(), AV_OPT_SEARCH_CHILDREN), key.c_str());
    }
    Check(avcodec_open2(context_.get(), codec, nullptr), "avcodec_open2");
  }

  std::vector<AvPacketPtr> Encode(int frames) {
    std::vector<AvPacketPtr> packets;
    AvFramePtr frame(av_frame_alloc());
    frame->format = context_->pix_fmt;
    frame->width = context_->width;
    frame->height = context_->height;
    Check(av_frame_get_buffer(frame.get(), 0), "av_frame_get_buffer");
    for (int i = 0; i < frames; ++i) {
      Check(av_frame_make_writable(frame.get()), "av_frame_make_writable");
      Paint(*frame, i);
      frame->pts = i;
      Check(avcodec_send_frame(context_.get(), frame.get()), "avcodec_send_frame");
      Drain(packets);
    }
    Check(avcodec_send_frame(context_.get(), nullptr), "avcodec_send_frame");
    Drain(packets);
    return packets;
  }

  const AVCodecContext& context() const { return *context_; }

 private:
  void Drain(std::vector<AvPacketPtr>& packets) {
    AvPacketPtr packet(av_packet_alloc());
    while (avcodec_receive_packet(context_.get(), packet.get()) >= 0) {
      packets.push_back(std::move(packet));
      packet.reset(av_packet_alloc());
    }
  }

  AvCodecContextPtr context_;
};

const char* FileFormat(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_H264:
      return "h264";
    case AV_CODEC_ID_HEVC:
      return "hevc";
    case AV_CODEC_ID_MPEG4:
      return "m4v";
    default:
      return "mjpeg";
  }
}

struct Reader {
  const Bytes& file;
  size_t at = 0;

  static int Read(void* opaque, uint8_t* buffer, int size) {
    auto& reader = *static_cast<Reader*>(opaque);
    const size_t count = std::min<size_t>(size, reader.file.size() - reader.at);
    if (count == 0) return AVERROR_EOF;
    std::memcpy(buffer, reader.file.data() + reader.at, count);
    reader.at += count;
    return static_cast<int>(count);
  }
};

std::vector<RtpClip::Unit> Demux(const Bytes& file, AVCodecID codec) {
  Reader reader{file};
  constexpr int kBuffer = 4096;
  const AvIoPtr io(avio_alloc_context(static_cast<uint8_t*>(av_malloc(kBuffer)), kBuffer, 0, &reader, &Reader::Read,
                                      nullptr, nullptr));
  AVFormatContext* context = avformat_alloc_context();
  context->pb = io.get();
  Check(avformat_open_input(&context, nullptr, av_find_input_format(FileFormat(codec)), nullptr), "open");
  const AvFormatInputPtr input(context);
  std::vector<RtpClip::Unit> units;
  const AvPacketPtr packet(av_packet_alloc());
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    units.push_back({Bytes(packet->data, packet->data + packet->size), 0, (packet->flags & AV_PKT_FLAG_KEY) != 0});
    av_packet_unref(packet.get());
  }
  return units;
}

int Collect(void* opaque, uint8_t* data, int size) {
  static_cast<std::vector<Bytes>*>(opaque)->emplace_back(data, data + size);
  return size;
}

// The muxer flushes after each packet, and the context hands on no more than one packet at once.
std::vector<Bytes> Packetize(const std::vector<AvPacketPtr>& units, const AVCodecContext& encoder) {
  std::vector<Bytes> packets;
  const AvIoPtr io(avio_alloc_context(static_cast<uint8_t*>(av_malloc(kMaxPacket)), kMaxPacket, 1, &packets, nullptr,
                                      reinterpret_cast<int (*)(void*, uint8_t*, int)>(&Collect), nullptr));
  io->max_packet_size = kMaxPacket;
  AVFormatContext* context = nullptr;
  Check(avformat_alloc_output_context2(&context, nullptr, "rtp", nullptr), "avformat_alloc_output_context2");
  const std::unique_ptr<AVFormatContext, FreeOutput> output(context);
  output->pb = io.get();
  AVStream* stream = avformat_new_stream(output.get(), nullptr);
  Check(avcodec_parameters_from_context(stream->codecpar, &encoder), "avcodec_parameters_from_context");
  stream->time_base = {1, kRate};
  Check(av_opt_set_int(output->priv_data, "payload_type", 96, 0), "payload_type");
  Check(avformat_write_header(output.get(), nullptr), "avformat_write_header");
  for (const AvPacketPtr& unit : units) {
    const AvPacketPtr copy(av_packet_clone(unit.get()));
    av_packet_rescale_ts(copy.get(), encoder.time_base, stream->time_base);
    copy->stream_index = 0;
    Check(av_write_frame(output.get(), copy.get()), "av_write_frame");
  }
  Check(av_write_trailer(output.get()), "av_write_trailer");
  avio_flush(io.get());
  return packets;
}

}  // namespace

RtpClip MakeRtpClip(const RtpClipSettings& settings) {
  av_log_set_level(AV_LOG_ERROR);
  Encoder encoder(settings);
  const auto encoded = encoder.Encode(settings.frames);
  RtpClip clip;
  clip.parameters.reset(avcodec_parameters_alloc(),
                        [](AVCodecParameters* parameters) { avcodec_parameters_free(&parameters); });
  Check(avcodec_parameters_from_context(clip.parameters.get(), &encoder.context()), "parameters");
  Bytes file;
  for (const AvPacketPtr& packet : encoded) file.insert(file.end(), packet->data, packet->data + packet->size);
  clip.units = Demux(file, clip.parameters->codec_id);
  if (clip.units.size() != encoded.size()) throw std::runtime_error("The demuxer splits units otherwise");
  for (size_t i = 0; i < encoded.size(); ++i) clip.units[i].pts = encoded[i]->pts * kFrameTicks;
  clip.packets = Packetize(encoded, encoder.context());
  return clip;
}

AvFramePtr DecodeJpeg(std::span<const uint8_t> file) {
  const AvCodecContextPtr decoder(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG)));
  decoder->err_recognition = AV_EF_EXPLODE;
  Check(avcodec_open2(decoder.get(), decoder->codec, nullptr), "avcodec_open2");
  const AvPacketPtr packet(av_packet_alloc());
  Check(av_new_packet(packet.get(), static_cast<int>(file.size())), "av_new_packet");
  std::copy(file.begin(), file.end(), packet->data);
  AvFramePtr frame(av_frame_alloc());
  if (avcodec_send_packet(decoder.get(), packet.get()) < 0) return nullptr;
  if (avcodec_receive_frame(decoder.get(), frame.get()) < 0) return nullptr;
  return frame;
}

}  // namespace framewell::testing
