#include "ingest/libav_source.h"

#include <pthread.h>

#include <optional>
#include <string>
#include <utility>

#include "ingest/host_resolver.h"
#include "ingest/libav_errors.h"
#include "ingest/libav_input.h"
#include "ingest/libav_watch.h"

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
  AvFormatInputPtr input = Connect(watch, deadline);
  // The session is closed however it ends, and the close may take its own time.
  struct CloseInTime {
    LibavWatch& watch;
    ~CloseInTime() { watch.BeginClosing(LibavWatch::Clock::now() + kTeardownTimeout); }
  } close_in_time{watch};

  ReadLibavInput(*input, watch, options_.stall_timeout, sink);
}

AvFormatInputPtr LibavSource::Connect(LibavWatch& watch, LibavWatch::Clock::time_point deadline) const {
  const bool tcp = options_.transport == "tcp";
  if (options_.networks.restricted() && !tcp) {
    throw EngineError("ERR_CAMERA_NETWORK",
                      "Expected transport tcp while CAMERA_NETWORKS is set, since libavformat sends datagrams to "
                      "wherever the camera says, but received " +
                          options_.transport);
  }
  RtspUrl url = options_.url;
  for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
    if (AvFormatInputPtr input = OpenUrl(url, watch, deadline)) return input;
    auto to = ResolveRedirect(url, watch.redirect());
    if (!to) throw EngineError("ERR_RTSP_REDIRECT", "Expected an RTSP URL in the camera's redirect but found none");
    url = std::move(*to);
  }
  throw EngineError("ERR_RTSP_REDIRECT", "Expected at most " + std::to_string(kMaxRedirects) +
                                             " redirects but the camera answered with one more");
}

AvFormatInputPtr LibavSource::OpenUrl(const RtspUrl& url, LibavWatch& watch,
                                      LibavWatch::Clock::time_point deadline) const {
  const auto addresses = AwaitHost(url.host, deadline, [&] { return watch.stopped(); });
  if (!options_.networks.restricted()) return Open(FormatWithCredentials(url, url.host), watch);
  // By the address that was found to be allowed: a second look-up, libavformat's, might find another. With rtsps:// it
  // costs the server name in the handshake (SNI); certificates are not verified in either case.
  std::optional<EngineError> failure;
  for (const HostAddress& address : options_.networks.Select(url.host, addresses)) {
    try {
      return Open(FormatWithCredentials(url, FormatAddress(address)), watch);
    } catch (const EngineError& error) {
      if (error.code() != "ERR_RTSP_REFUSED" && error.code() != "ERR_RTSP_UNREACHABLE") throw;
      failure = error;
    }
  }
  throw EngineError(*failure);
}

AvFormatInputPtr LibavSource::Open(const std::string& url, LibavWatch& watch) const {
  AVFormatContext* context = AllocateLibavInput(watch);
  Dictionary options;
  const bool tcp = options_.transport == "tcp";
  // Neither URL nor SDP gets at files or other protocols, and not at datagrams that were not asked for.
  options.Set("protocol_whitelist", tcp ? "tcp,tls" : "tcp,tls,rtp,udp");
  watch.AllowOneConnection(*context, tcp ? "" : "rtp,udp");
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
  const int error = avformat_open_input(&context, url.c_str(), av_find_input_format("rtsp"), options.entries());
  AvFormatInputPtr input(context);  // Null after a failure: avformat_open_input has freed it.
  if (error >= 0 || !watch.redirect().empty()) return input;
  if (watch.expired()) {
    throw EngineError("ERR_RTSP_TIMEOUT", "Expected the camera to answer within " +
                                              std::to_string(options_.connect_timeout.count()) + " ms but it did not");
  }
  throw ClassifyConnectError(error, watch.last_error());
}

}  // namespace framewell
