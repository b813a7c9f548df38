// Watches one AVFormatContext: ends its blocking calls, and hears what it tells only through FFmpeg's log.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <utility>

#include "ffmpeg_handles.h"

namespace framewell {

// Lives longer than the context it is attached to. Used on the thread that runs the context; only the stop
// token is shared with others.
class LibavWatch {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LibavWatch(std::stop_token stop) : stop_(std::move(stop)) {}
  LibavWatch(const LibavWatch&) = delete;
  LibavWatch& operator=(const LibavWatch&) = delete;

  void Attach(AVFormatContext& context);
  // From now on FFmpeg, decoders included, writes nothing to standard error.
  static void TakeOverLog();

  // From its first blocking call on, `context` opens none but `protocols` (as in protocol_whitelist): the connection
  // under way stays the only one. What it would open besides is where a redirect leads, and that is looked at first.
  // Forgets the redirect of a context before.
  void AllowOneConnection(AVFormatContext& context, const char* protocols);
  // The Location that the camera answered with when it redirected; empty when it did not.
  const std::string& redirect() const { return redirect_; }

  // Blocking calls end at `deadline`, or when a stop is requested, within libavformat's poll interval (100 ms).
  void SetDeadline(Clock::time_point deadline) { deadline_ = deadline; }
  // From now on a requested stop no longer ends blocking calls, but `deadline` does: the TEARDOWN must get out.
  void BeginClosing(Clock::time_point deadline) {
    closing_ = true;
    deadline_ = deadline;
  }

  bool stopped() const { return stop_.stop_requested(); }
  bool expired() const { return Clock::now() >= deadline_; }

  // The last line that the context logged as an error: it names the RTSP method and status, which libavformat's
  // error number does not.
  const std::string& last_error() const { return last_error_; }

  // RTP packets that went missing since the last call.
  int TakeMissedPackets() { return std::exchange(missed_packets_, 0); }

 private:
  static int Interrupted(void* self);
  static void OnLog(void* context, int level, const char* format, va_list arguments);

  const std::stop_token stop_;
  // Until its first blocking call.
  AVFormatContext* unconnected_ = nullptr;
  const char* later_protocols_ = "";
  std::string redirect_;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool closing_ = false;
  std::string last_error_;
  int missed_packets_ = 0;
};

}  // namespace framewell
