#include "mjpeg_encoder.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
}

#include <stdexcept>

namespace framewell::bench {
namespace {

void Check(int result) {
  if (result < 0) throw std::runtime_error("FFmpeg's mjpeg encoder: " + AvErrorText(result));
}

}  // namespace

MjpegEncoder::MjpegEncoder(PictureSize size, int qscale, const char* huffman)
    : packet_(av_packet_alloc()), input_(av_frame_alloc()) {
  const AVCodec* mjpeg = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  codec_.reset(avcodec_alloc_context3(mjpeg));
  codec_->width = size.width;
  codec_->height = size.height;
  codec_->pix_fmt = AV_PIX_FMT_YUVJ420P;
  codec_->color_range = AVCOL_RANGE_JPEG;
  codec_->time_base = {1, 25};
  codec_->thread_count = 1;
  codec_->flags |= AV_CODEC_FLAG_QSCALE;
  codec_->global_quality = qscale * FF_QP2LAMBDA;
  Check(av_opt_set(codec_->priv_data, "huffman", huffman, 0));
  Check(avcodec_open2(codec_.get(), mjpeg, nullptr));

  input_->format = AV_PIX_FMT_YUVJ420P;
  input_->width = size.width;
  input_->height = size.height;
  input_->quality = codec_->global_quality;
  Check(av_frame_get_buffer(input_.get(), 0));
}

Bytes MjpegEncoder::Encode(const AVFrame& frame) {
  const YuvPlanes planes =
      converter_.Convert(frame, {WholeRegion({frame.width, frame.height}), {frame.width, frame.height}});
  // The encoder may keep a reference to its last input.
  Check(av_frame_make_writable(input_.get()));
  const uint8_t* data[4] = {planes.data[0], planes.data[1], planes.data[2], nullptr};
  const int strides[4] = {planes.stride[0], planes.stride[1], planes.stride[2], 0};
  av_image_copy(input_->data, input_->linesize, data, strides, AV_PIX_FMT_YUVJ420P, frame.width, frame.height);
  ++input_->pts;
  Check(avcodec_send_frame(codec_.get(), input_.get()));
  Check(avcodec_receive_packet(codec_.get(), packet_.get()));
  Bytes jpeg(packet_->data, packet_->data + packet_->size);
  av_packet_unref(packet_.get());
  return jpeg;
}

}  // namespace framewell::bench
