#include "encoded_clip.h"

#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

extern "C" {
#include <libavutil/opt.h>
}

namespace framewell::test {
namespace {

constexpr int kPictures = 50;

void Fill(AVFrame& frame, int number) {
  const int luma = 16 + 4 * (number % kPictures);
  for (int y = 0; y < frame.height; ++y) std::memset(frame.data[0] + y * frame.linesize[0], luma, frame.width);
  for (int plane = 1; plane < 3; ++plane) {
    for (int y = 0; y < frame.height / 2; ++y) {
      std::memset(frame.data[plane] + y * frame.linesize[plane], 128, frame.width / 2);
    }
  }
}

void Collect(AVCodecContext& encoder, Clip& clip) {
  const AvPacketPtr packet(av_packet_alloc());
  while (avcodec_receive_packet(&encoder, packet.get()) == 0) {
    ClipUnit unit;
    unit.bytes.assign(packet->data, packet->data + packet->size);
    unit.pts_us = av_rescale_q(packet->pts, encoder.time_base, AVRational{1, 1'000'000});
    unit.keyframe = packet->flags & AV_PKT_FLAG_KEY;
    clip.units.push_back(std::move(unit));
    av_packet_unref(packet.get());
  }
}

}  // namespace

ReceivedUnit ClipUnit::Received(int64_t received_unix_us) const {
  ReceivedUnit unit;
  unit.bytes.Append(bytes);
  unit.bytes.Seal();
  unit.pts_us = pts_us;
  unit.received_unix_us = received_unix_us;
  return unit;
}

Clip EncodeClip(const ClipOptions& options) {
  const AVCodec* codec = avcodec_find_encoder_by_name(options.encoder);
  if (!codec) throw std::runtime_error(std::string("No encoder ") + options.encoder);
  const AvCodecContextPtr encoder(avcodec_alloc_context3(codec));
  encoder->width = options.width;
  encoder->height = options.height;
  encoder->pix_fmt = std::strcmp(options.encoder, "mjpeg") == 0 ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
  encoder->time_base = {1, 25};
  encoder->gop_size = options.gop;
  encoder->max_b_frames = options.b_frames;
  encoder->thread_count = 1;
  av_opt_set(encoder->priv_data, "preset", "ultrafast", 0);
  av_opt_set(encoder->priv_data, "x264-params", "scenecut=0:b-adapt=0:bframes=0", 0);
  if (options.b_frames > 0) av_opt_set(encoder->priv_data, "x264-params", "scenecut=0:b-adapt=0:b-pyramid=0", 0);
  av_opt_set(encoder->priv_data, "x265-params", "log-level=none:scenecut=0:pools=none:frame-threads=1", 0);
  // libaom's way to one packet a picture at once.
  for (const auto& [name, value] : {std::pair{"usage", "realtime"}, {"cpu-used", "8"}, {"lag-in-frames", "0"}}) {
    av_opt_set(encoder->priv_data, name, value, 0);
  }
  if (avcodec_open2(encoder.get(), codec, nullptr) < 0) throw std::runtime_error("Encoder did not open");

  Clip clip;
  const AvFramePtr frame(av_frame_alloc());
  frame->width = options.width;
  frame->height = options.height;
  frame->format = encoder->pix_fmt;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int i = 0; i < options.frames; ++i) {
    av_frame_make_writable(frame.get());
    Fill(*frame, i);
    frame->pts = i;
    avcodec_send_frame(encoder.get(), frame.get());
    Collect(*encoder, clip);
  }
  avcodec_send_frame(encoder.get(), nullptr);
  Collect(*encoder, clip);

  std::shared_ptr<AVCodecParameters> parameters(avcodec_parameters_alloc(), FreeCodecParameters());
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = codec->id;
  clip.format = std::move(parameters);
  return clip;
}

int PictureNumber(const AVFrame& frame) {
  return static_cast<int>(
      std::lround((frame.data[0][frame.linesize[0] * (frame.height / 2) + frame.width / 2] - 16) / 4.0));
}

}  // namespace framewell::test
