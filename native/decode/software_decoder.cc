#include "decode/software_decoder.h"

#include <new>
#include <utility>

#include "ingest/bitstream_parser.h"

namespace framewell {
namespace {

// Lets libavcodec read the unit where it lies; the reference keeps it alive as long as the decoder needs it.
AVBufferRef* BorrowBytes(const AccessUnitPtr& unit) {
  auto owner = std::make_unique<AccessUnitPtr>(unit);
  AVBufferRef* buffer = av_buffer_create(
      const_cast<uint8_t*>(unit->bytes.data().data()), unit->bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE,
      [](void* opaque, uint8_t*) { delete static_cast<AccessUnitPtr*>(opaque); }, owner.get(), AV_BUFFER_FLAG_READONLY);
  if (!buffer) throw std::bad_alloc();
  owner.release();  // Now the buffer's.
  return buffer;
}

AvFramePtr NewFrame() {
  AvFramePtr frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

}  // namespace

SoftwareDecoder::SoftwareDecoder(const StreamFormat& format) : packet_(av_packet_alloc()) {
  const AVCodec* codec = avcodec_find_decoder(format->codec_id);
  if (!codec) {
    throw EngineError("ERR_CODEC_UNSUPPORTED", std::string("Expected a codec that libavcodec decodes but received ") +
                                                   avcodec_get_name(format->codec_id));
  }
  context_.reset(avcodec_alloc_context3(codec));
  if (!context_ || !packet_) throw std::bad_alloc();
  avcodec_parameters_to_context(context_.get(), format.get());
  // One thread a camera: frame threads add a frame of delay each, and with many cameras the pool already fills
  // the machine.
  context_->thread_count = 1;
  // Memory for pictures is bounded whatever the bitstream claims.
  context_->max_pixels = BitstreamParser::kMaxPixels;
  if (const int error = avcodec_open2(context_.get(), codec, nullptr); error < 0) {
    throw EngineError("ERR_CODEC_UNSUPPORTED", std::string("Expected to open the ") + codec->name +
                                                   " decoder but received: " + AvErrorText(error));
  }
}

DecodeResult SoftwareDecoder::Decode(const AccessUnitPtr& unit, Effort effort) {
  DecodeResult result;
  order_.Submitted(*unit);
  context_->skip_frame = effort == Effort::kEvery ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
  packet_->buf = BorrowBytes(unit);
  packet_->data = packet_->buf->data;
  packet_->size = static_cast<int>(unit->bytes.size());
  // Travels through the decoder with the picture and tells which unit it came from. The decoder's own arithmetic
  // on time stamps is not used.
  packet_->pts = unit->sequence;
  if (unit->keyframe) packet_->flags |= AV_PKT_FLAG_KEY;
  const int error = avcodec_send_packet(context_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (error < 0) {
    result.damage = "The decoder refused an access unit: " + AvErrorText(error);
    return result;
  }
  Receive(result);
  return result;
}

DecodeResult SoftwareDecoder::Drain() {
  DecodeResult result;
  avcodec_send_packet(context_.get(), nullptr);
  Receive(result);
  avcodec_flush_buffers(context_.get());
  return result;
}

void SoftwareDecoder::Flush() { avcodec_flush_buffers(context_.get()); }

void SoftwareDecoder::Receive(DecodeResult& result) {
  for (;;) {
    AvFramePtr frame = NewFrame();
    const int error = avcodec_receive_frame(context_.get(), frame.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return;
    if (error < 0) {
      result.damage = "The decoder gave no picture: " + AvErrorText(error);
      return;
    }
    // Concealed errors: libavcodec filled in what it did not have.
    if ((frame->flags & AV_FRAME_FLAG_CORRUPT) || frame->decode_error_flags != 0) {
      result.damage = "The decoder had to conceal errors";
      return;
    }
    // JFIF is full-range; libavcodec says so for colour pictures only.
    if (context_->codec_id == AV_CODEC_ID_MJPEG && frame->color_range == AVCOL_RANGE_UNSPECIFIED) {
      frame->color_range = AVCOL_RANGE_JPEG;
    }
    Publish(std::move(frame), result);
  }
}

void SoftwareDecoder::Publish(AvFramePtr frame, DecodeResult& result) const {
  PresentationOrder::Shown shown{};
  if (!order_.Find(frame->pts, shown)) return;
  auto picture = std::make_shared<Picture>();
  picture->display = DisplaySize(*frame);
  picture->frame = std::move(frame);
  picture->sequence = shown.sequence;
  picture->pts_us = shown.pts_us;
  picture->received_unix_us = shown.received_unix_us;
  picture->capture_unix_us = shown.capture_unix_us;
  result.pictures.push_back(std::move(picture));
}

}  // namespace framewell
