#include "ingest/libav_input.h"

#include <algorithm>
#include <new>
#include <span>
#include <string>

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/time.h>
}

#include "ingest/access_unit_assembler.h"
#include "ingest/libav_errors.h"
#include "ingest/rtp/rtp_timeline.h"

namespace framewell {
namespace {

// The largest block that FFmpeg may take at once: a plane of the largest picture in 16 bits a sample, and room to
// spare. Without it libavformat makes room for whatever length a camera says its answer has.
constexpr size_t kMaxBlockBytes = 128 * 1024 * 1024;

// SETUP was sent for video tracks only; of several the first counts.
const AVStream& FindVideo(const AVFormatContext& input) {
  const std::span streams(input.streams, input.nb_streams);
  const auto video = std::find_if(streams.begin(), streams.end(), [](const AVStream* stream) {
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && stream->codecpar->codec_id != AV_CODEC_ID_NONE;
  });
  if (video == streams.end()) {
    throw EngineError("ERR_RTSP_NO_VIDEO", "Expected a video track in the camera's SDP but found none");
  }
  return **video;
}

// libavformat passes on a datagram that the network delivered twice in a row (rtpdec.c: 0 counts as in order). Within a
// picture the decoder may not see that its bytes come again.
bool IsRepetition(const AVPacket& packet, const AVPacket& previous) {
  return packet.size == previous.size && packet.pts == previous.pts &&
         std::equal(packet.data, packet.data + packet.size, previous.data);
}

StreamFormat CopyParameters(const AVCodecParameters& parameters) {
  std::shared_ptr<AVCodecParameters> copy(avcodec_parameters_alloc(), FreeCodecParameters());
  if (!copy || avcodec_parameters_copy(copy.get(), &parameters) < 0) throw std::bad_alloc();
  return copy;
}

}  // namespace

AVFormatContext* AllocateLibavInput(LibavWatch& watch) {
  // Counts for the whole process, decoders included.
  av_max_alloc(kMaxBlockBytes);
  AVFormatContext* context = avformat_alloc_context();
  if (!context) throw std::bad_alloc();
  watch.Attach(*context);
  // Packets as the depacketizer gives them: libavformat's parser would hold each picture back until the next has
  // come whole, and would look at every byte. The access unit assembler does what is left to do.
  context->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
  return context;
}

void ReadLibavInput(AVFormatContext& input, LibavWatch& watch, std::chrono::milliseconds stall_timeout,
                    PacketSink& sink) {
  const AVStream& video = FindVideo(input);
  sink.OnConnected(CopyParameters(*video.codecpar));
  const AvPacketPtr packet(av_packet_alloc());
  const AvPacketPtr previous(av_packet_alloc());
  if (!packet || !previous) throw std::bad_alloc();
  AccessUnitAssembler assembler(*video.codecpar, sink);
  // libavformat counts from the RTP clock as the camera sends it, jumps and resets included.
  RtpTimeline timeline(static_cast<uint32_t>(video.time_base.den));
  PacketTime time;
  watch.SetDeadline(LibavWatch::Clock::now() + stall_timeout);
  for (;;) {
    const int error = av_read_frame(&input, packet.get());
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) {
      if (watch.expired()) {
        throw EngineError("ERR_STREAM_STALLED", "Expected an access unit within " +
                                                    std::to_string(stall_timeout.count()) + " ms but received none");
      }
      throw ClassifyReadError(error);
    }
    time.received_unix_us = av_gettime();
    if (const int missed = watch.TakeMissedPackets(); missed > 0) {
      assembler.MarkLoss();
      sink.OnLoss(std::to_string(missed) + " RTP packets missing");
    }
    if (packet->stream_index == video.index && packet->size > 0 && !IsRepetition(*packet, *previous)) {
      if (packet->pts != AV_NOPTS_VALUE) {
        time.timestamp = static_cast<uint32_t>(packet->pts);
        time.pts_us = timeline.ToPtsUs(time.timestamp, av_gettime_relative());
      }
      if (assembler.Add({packet->data, static_cast<size_t>(packet->size)}, time)) {
        watch.SetDeadline(LibavWatch::Clock::now() + stall_timeout);
      }
      av_packet_unref(previous.get());
      av_packet_move_ref(previous.get(), packet.get());
    }
    av_packet_unref(packet.get());
  }
}

}  // namespace framewell
