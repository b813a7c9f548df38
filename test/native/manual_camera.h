// A camera whose session the test feeds by hand.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "decode/software_decoder.h"
#include "encoded_clip.h"
#include "session/camera_session.h"

namespace framewell::test {

// Sends what the test tells it to, on the test's thread.
class ManualSource final : public PacketSource {
 public:
  explicit ManualSource(ManualSource** self) { *self = this; }
  void Start(PacketSink& sink) override { sink_ = &sink; }
  void RequestStop() noexcept override {
    if (!std::exchange(ended_, true)) sink_->OnEnded(EngineError("ERR_STREAM_STOPPED", "The stream was stopped"));
  }
  void Join() noexcept override {}
  SourceStatus status() const override { return {}; }
  PacketSink& sink() { return *sink_; }

 private:
  PacketSink* sink_ = nullptr;
  bool ended_ = false;
};

// A camera and its session at once: the session has what was sent when Send() returns.
class ManualCamera {
 public:
  explicit ManualCamera(
      const Clip& clip, SessionOptions options = {},
      VideoDecoderFactory factory =
          [](const StreamFormat& format) { return std::make_unique<SoftwareDecoder>(format); })
      : ManualCamera(clip, options, std::make_shared<GpuDecoding>(Gpus{}, std::move(factory))) {}
  ManualCamera(const Clip& clip, SessionOptions options, std::shared_ptr<GpuDecoding> decoding)
      : clip_(clip), pool_(2) {
    SessionObserver observer;
    observer.connected = [this] { Note("connected"); };
    observer.awaiting_keyframe = [this](const EngineError* cause) { Note("awaiting " + (cause ? cause->code() : "")); };
    observer.live = [this] { Note("live"); };
    observer.engine = [this](const EngineUse& use) { Note(use.gpu ? "on card" : "on CPU"); };
    observer.ended = [this](const EngineError& cause) { Note("ended " + cause.code()); };
    session = CameraSession::Create(options, std::move(observer), pool_, std::move(decoding), meter);
    session->Start(std::make_unique<ManualSource>(&source));
    source->sink().OnConnected(clip.format);
  }
  ~ManualCamera() {
    if (session) session->RequestStop();
  }

  // Sends unit `i` of the clip, received at time i.
  void Send(size_t i) { source->sink().OnAccessUnit(clip_.units[i].Received(static_cast<int64_t>(i))); }
  void Send(size_t first, size_t last) {
    for (size_t i = first; i <= last; ++i) Send(i);
  }

  // The newest picture above `after`. Like the next two it throws EngineError, and fails the test when no answer comes.
  PicturePtr Picture(int64_t after = -1) {
    return Answer([&](CameraDecoder::Waiter waiter) {
      if (PicturePtr held = session->RequestPicture(after, waiter)) waiter(std::move(held), nullptr);
    });
  }
  // Null when nothing is kept.
  PicturePtr Last() {
    return Answer([&](CameraDecoder::Waiter waiter) { session->seeker()->RequestLast(std::move(waiter)); });
  }
  PicturePtr At(int64_t unix_us) {
    return Answer([&](CameraDecoder::Waiter waiter) { session->seeker()->RequestAt(unix_us, std::move(waiter)); });
  }

  // Waits for the decoder to be idle or busy.
  void AwaitDecoding(bool decoding) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (session->status().decoder.decoding != decoding) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::yield();
    }
  }

  std::vector<std::string> events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

  const std::shared_ptr<WorkMeter> meter = std::make_shared<WorkMeter>();
  ManualSource* source = nullptr;
  std::shared_ptr<CameraSession> session;  // A test may let it go once it has ended.

 private:
  template <typename Request>
  static PicturePtr Answer(Request request) {
    auto promise = std::make_shared<std::promise<PicturePtr>>();
    auto answer = promise->get_future();
    request([promise](PicturePtr picture, const EngineError* error) {
      if (error) {
        promise->set_exception(std::make_exception_ptr(*error));
      } else {
        promise->set_value(std::move(picture));
      }
    });
    REQUIRE(answer.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
    return answer.get();
  }

  void Note(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }

  const Clip& clip_;
  std::mutex mutex_;
  std::vector<std::string> events_;  // Guarded by mutex_.
  WorkPool pool_;
};

}  // namespace framewell::test
