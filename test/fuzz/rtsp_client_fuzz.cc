#include <chrono>
#include <string>

#include "fuzz_support.h"
#include "ingest/rtsp/rtsp_client.h"
#include "ingest/rtsp/rtsp_framer.h"

using namespace framewell;

namespace {

void RequireNoSecret(std::string_view text) {
  Require(text.find("s3cret") == std::string_view::npos);
}

void Check(const RtspEvent& event) {
  if (const auto* failed = std::get_if<rtsp_event::Failed>(&event)) {
    RequireNoSecret(failed->error.what());
    Require(failed->error.code().starts_with("ERR_"));
  }
  if (const auto* declined = std::get_if<rtsp_event::Declined>(&event))
    RequireNoSecret(declined->reason);
  if (const auto* redirect = std::get_if<rtsp_event::Redirect>(&event)) {
    Require(redirect->url.credentials.password != "s3cret" || redirect->url.host == "camera");
  }
}

}  // namespace

// A camera that says whatever the input is, at whatever time. The first byte chooses the transport;
// the time moves on at every piece of junk and at the end.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  // The fuzzer reads the secret off the comparisons; a camera that says it itself tells nothing
  // new.
  if (Text(data, size).find("s3cret") != std::string_view::npos) return 0;
  RtspClientOptions options;
  options.url = *RtspUrl::Parse("rtsp://user:s3cret@camera/live");
  options.transport = static_cast<RtspTransport>(data[0] % 3);
  options.client_nonce = "cnonce";
  std::string outbox;
  RtspClient client(std::move(options), outbox);
  RtspClient::TimePoint now{};
  Check(client.OnConnected(now));
  const auto tick = [&] {
    if (client.NextDeadline() == RtspClient::TimePoint::max()) return;
    now = std::max(now, client.NextDeadline());
    Check(client.OnTick(now));
  };

  RtspFramer framer;
  std::span unread(data + 1, size - 1);
  for (;;) {
    const RtspElement element = framer.Next(unread);
    if (element.kind == RtspElement::Kind::kNeedMore) break;
    if (element.kind == RtspElement::Kind::kJunk) tick();
    if (element.kind == RtspElement::Kind::kMessage) {
      Check(client.OnMessage(*ParseRtspMessage(element.bytes), now));
    }
    RequireNoSecret(outbox);
    Require(outbox.size() < 1024 * 1024);
    unread = unread.subspan(element.consumed);
  }
  tick();
  const RtspEvent closed = client.OnClosed();
  Check(closed);
  if (std::holds_alternative<rtsp_event::Reconnect>(closed)) Check(client.OnConnected(now));
  client.Teardown(now);
  RequireNoSecret(outbox);
  tick();
  Require(client.NextDeadline() == RtspClient::TimePoint::max());
  return 0;
}
