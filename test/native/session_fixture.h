// A camera session fed by a source of the test's own.
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

// A session, its pool, and what it told.
class Fixture {
 public:
  // `gpus` decode, without any the CPU does.
  explicit Fixture(const Clip& clip, SessionOptions options = {}, Gpus gpus = {}, GpuRetryPolicy retry = {})
      : clip_(clip), pool_(2) {
    SessionObserver observer;
    observer.connected = [this] { Note("connected"); };
    observer.awaiting_keyframe = [this](const EngineError* cause) { Note("awaiting " + (cause ? cause->code() : "")); };
    observer.live = [this] { Note("live"); };
    observer.ended = [this](const EngineError& cause) { Note("ended " + cause.code()); };
    const VideoDecoderFactory on_cpu = [](const StreamFormat& format) {
      return std::make_unique<SoftwareDecoder>(format);
    };
    session = CameraSession::Create(options, std::move(observer), pool_,
                                    std::make_shared<GpuDecoding>(std::move(gpus), on_cpu, retry));
    session->Start(std::make_unique<ManualSource>(&source));
    source->sink().OnConnected(clip.format);
  }
  ~Fixture() { session->RequestStop(); }

  // Sends unit `i` of the clip, received at time i.
  void Send(size_t i) { source->sink().OnAccessUnit(clip_.units[i].Received(static_cast<int64_t>(i))); }
  void Send(size_t first, size_t last) {
    for (size_t i = first; i <= last; ++i) Send(i);
  }

  // The newest picture above `after`; throws EngineError, or fails the test when none comes.
  PicturePtr Picture(int64_t after = -1) {
    auto promise = std::make_shared<std::promise<PicturePtr>>();
    auto future = promise->get_future();
    PicturePtr held = session->RequestPicture(after, [promise](PicturePtr picture, const EngineError* error) {
      if (picture) {
        promise->set_value(std::move(picture));
      } else {
        promise->set_exception(std::make_exception_ptr(*error));
      }
    });
    if (held) return held;
    REQUIRE(future.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
    return future.get();
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

  ManualSource* source = nullptr;
  std::shared_ptr<CameraSession> session;

 private:
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
