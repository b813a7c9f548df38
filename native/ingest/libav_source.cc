#include "ingest/libav_source.h"

#include <pthread.h>

#include <algorithm>
#include <new>
#include <span>

extern "C" {
#include <libavutil/time.h>
}

#include "ingest/access_unit_assembler.h"
#include "ingest/host_resolver.h"
#include "ingest/libav_errors.h"
#include "ingest/libav_watch.h"
#include "ingest/rtp/rtp_timeline.h"

namespace framewell {
namespace {

// How long saying TEARDOWN may take: the answer is not awaited, only the write.
constexpr std::chrono::milliseconds kTeardownTimeout{300};

class Dictionary {
 public:
  ~Dictionary() { av_dict_free(&entries_); }
  void Set(const char* key, const char* value) { av_dict_set(&entries_, key, value, 0); }
  AVDictionary** entries() { return &entries_; }

 private:
  AVDictionary* entries_ = nullptr;
};

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

StreamFormat CopyParameters(const AVCodecParameters& parameters) {
  std::shared_ptr<AVCodecParameters> copy(avcodec_parameters_alloc(), FreeCodecParameters());
  if (!copy || avcodec_parameters_copy(copy.get(), &parameters) < 0) throw std::bad_alloc();
  return copy;
}

}  // namespace

void LibavSource::Start(PacketSink& sink) {
  thread_ = std::jthread([this, &sink] { Run(sink); });
}

void LibavSource::Run(PacketSink& sink) noexcept {
  pthread_setname_np(pthread_self(), "fw-ingest");
  LibavWatch watch(stop_.get_token());
  try {
    RunSession(watch, sink);
  } catch (const EngineError& error) {
    // Whatever a stop interrupted, the stop is the cause.
    sink.OnEnded(watch.stopped() ? EngineError("ERR_STREAM_STOPPED", "The stream was stopped") : error);
  } catch (const std::exception& error) {
    sink.OnEnded(EngineError("ERR_INTERNAL", error.what()));
  }
}

void LibavSource::RunSession(LibavWatch& watch, PacketSink& sink) {
  const auto deadline = LibavWatch::Clock::now() + options_.connect_timeout;
  watch.SetDeadline(deadline);
  AwaitHost(options_.host, deadline, [&] { return watch.stopped(); });

  AvFormatInputPtr input = Open(watch);
  // The session is closed however it ends, and the close may take its own time.
  struct CloseInTime {
    LibavWatch& watch;
    ~CloseInTime() { watch.BeginClosing(LibavWatch::Clock::now() + kTeardownTimeout); }
  } close_in_time{watch};

  const AVStream& video = FindVideo(*input);
  sink.OnConnected(CopyParameters(*video.codecpar));
  ReadUntilEnd(*input, video, watch, sink);
}

AvFormatInputPtr LibavSource::Open(LibavWatch& watch) const {
  AVFormatContext* context = avformat_alloc_context();
  if (!context) throw std::bad_alloc();
  watch.Attach(*context);
  // Packets as the depacketizer gives them: libavformat's parser would hold each picture back until the next has
  // come whole, and would look at every byte. The access unit assembler does what is left to do.
  context->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;

  Dictionary options;
  const bool tcp = options_.transport == "tcp";
  options.Set("rtsp_transport", options_.transport == "multicast" ? "udp_multicast" : options_.transport.c_str());
  options.Set("allowed_media_types", "video");
  options.Set("user_agent", "Framewell");
  if (!tcp) {
    // Room for a keyframe of a 4K camera that arrives in one burst.
    options.Set("buffer_size", "2097152");
    // Longest wait for a packet that was overtaken, in microseconds.
    options.Set("max_delay", "200000");
  } else {
    // Over TCP nothing is reordered, yet cameras and proxies drop packets. Only with a reorder queue does
    // libavformat look for gaps; two is the shortest one.
    options.Set("reorder_queue_size", "2");
  }
  const int error = avformat_open_input(&context, options_.url.c_str(), nullptr, options.entries());
  AvFormatInputPtr input(context);  // Null after a failure: avformat_open_input has freed it.
  if (error >= 0) return input;
  if (watch.expired()) {
    throw EngineError("ERR_RTSP_TIMEOUT", "Expected the camera to answer within " +
                                              std::to_string(options_.connect_timeout.count()) + " ms but it did not");
  }
  throw ClassifyConnectError(error, watch.last_error());
}

void LibavSource::ReadUntilEnd(AVFormatContext& input, const AVStream& video, LibavWatch& watch, PacketSink& sink) {
  const AvPacketPtr packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  AccessUnitAssembler assembler(video.codecpar->codec_id);
  // libavformat counts from the RTP clock as the camera sends it, jumps and resets included.
  RtpTimeline timeline(static_cast<uint32_t>(video.time_base.den));
  int64_t pts_us = 0;
  watch.SetDeadline(LibavWatch::Clock::now() + options_.stall_timeout);
  for (;;) {
    const int error = av_read_frame(&input, packet.get());
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) {
      if (watch.expired()) {
        throw EngineError("ERR_STREAM_STALLED", "Expected an access unit within " +
                                                    std::to_string(options_.stall_timeout.count()) +
                                                    " ms but received none");
      }
      throw ClassifyReadError(error);
    }
    const int64_t received_unix_us = av_gettime();
    if (const int missed = watch.TakeMissedPackets(); missed > 0) {
      assembler.MarkLoss();
      sink.OnLoss(std::to_string(missed) + " RTP packets missing");
    }
    if (packet->stream_index == video.index && packet->size > 0) {
      if (packet->pts != AV_NOPTS_VALUE) {
        pts_us = timeline.ToPtsUs(static_cast<uint32_t>(packet->pts), av_gettime_relative());
      }
      auto unit = assembler.Add({packet->data, static_cast<size_t>(packet->size)}, pts_us, received_unix_us);
      if (unit) {
        watch.SetDeadline(LibavWatch::Clock::now() + options_.stall_timeout);
        sink.OnAccessUnit(std::move(*unit));
      }
    }
    av_packet_unref(packet.get());
  }
}

}  // namespace framewell
