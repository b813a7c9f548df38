#include "ingest/libav_watch.h"

#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <string_view>

extern "C" {
#include <libavutil/log.h>
#include <libavutil/opt.h>
}

namespace framewell {

void LibavWatch::TakeOverLog() {
  static std::once_flag taken;
  std::call_once(taken, [] { av_log_set_callback(&LibavWatch::OnLog); });
}

void LibavWatch::Attach(AVFormatContext& context) {
  TakeOverLog();
  context.interrupt_callback = {&LibavWatch::Interrupted, this};
}

void LibavWatch::AllowOneConnection(AVFormatContext& context, const char* protocols) {
  unconnected_ = &context;
  later_protocols_ = protocols;
  redirect_.clear();
}

// libavformat asks before it waits for anything, so before it can have read that it is redirected.
int LibavWatch::Interrupted(void* self) {
  auto& watch = *static_cast<LibavWatch*>(self);
  if (auto* const context = std::exchange(watch.unconnected_, nullptr)) {
    av_opt_set(context, "protocol_whitelist", watch.later_protocols_, 0);
  }
  return (!watch.closing_ && watch.stopped()) || watch.expired();
}

// FFmpeg has one log callback for the process. Lines of contexts that no watch is attached to are dropped: the
// engine's own errors carry what a person needs.
void LibavWatch::OnLog(void* context, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_INFO || !context) return;
  if (*static_cast<const AVClass* const*>(context) != avformat_get_class()) return;
  const auto& interrupt = static_cast<const AVFormatContext*>(context)->interrupt_callback;
  if (interrupt.callback != &LibavWatch::Interrupted) return;
  auto& watch = *static_cast<LibavWatch*>(interrupt.opaque);

  // Room for a Location as long as libavformat keeps one.
  char line[4608];
  vsnprintf(line, sizeof line, format, arguments);
  // rtsp.c says it in no other way; test/fault/connecting.test.ts holds the wording.
  if (int at = 0; sscanf(line, "Status %*d: Redirecting to %n", &at) == 0 && at > 0) {
    watch.redirect_.assign(line + at, std::string_view(line + at).find_last_not_of("\r\n ") + 1);
    return;
  }
  // rtpdec.c says it in no other way; test/integration/packet-loss.test.ts and test/fault/stream.test.ts hold the
  // wording.
  if (int missed = 0; sscanf(line, "RTP: missed %d packets", &missed) == 1) {
    watch.missed_packets_ += missed;
  } else if (std::string_view(line).starts_with("RTP: dropping old packet")) {
    // So too where the camera's numbers go back a little: what comes until they have caught up is missing.
    ++watch.missed_packets_;
  } else if (level <= AV_LOG_ERROR) {
    watch.last_error_.assign(line, std::string_view(line).find_last_not_of("\r\n ") + 1);
  }
}

}  // namespace framewell
