// Pictures out of the kept group by the time they were received at.
#include "decode/picture_seeker.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <thread>
#include <vector>

#include "picture_seeker_test_support.h"

namespace framewell {
namespace {

using namespace std::chrono_literals;
using test::Contains;
using test::DecoderCount;
using test::ErrorOf;
using test::ManualCamera;
using test::PictureNumber;
using test::PlainClip;
using test::ReceivedAt;
using test::ReorderedClip;
using test::Send;

TEST_CASE("a time gives the picture that was received nearest to it") {
  ManualCamera camera(PlainClip());
  Send(camera, PlainClip(), 0, 7);
  for (const size_t unit : {0, 3, 6, 7}) {
    const PicturePtr picture = camera.At(ReceivedAt(unit));
    CHECK(PictureNumber(*picture->frame) == static_cast<int>(unit));
    CHECK(picture->sequence == static_cast<int64_t>(unit) + 1);
    CHECK(picture->received_unix_us == ReceivedAt(unit));
  }
  CHECK(PictureNumber(*camera.At(ReceivedAt(3) + 15'000)->frame) == 3);
  CHECK(PictureNumber(*camera.At(ReceivedAt(3) + 25'000)->frame) == 4);
  CHECK(PictureNumber(*camera.At(ReceivedAt(7) + 5'000'000)->frame) == 7);
}

TEST_CASE("the live decoder does not notice that another time was asked for") {
  ManualCamera camera(PlainClip());
  Send(camera, PlainClip(), 0, 4);
  camera.At(ReceivedAt(2));
  CHECK_FALSE(camera.session->status().decoder.decoding);
  CHECK(camera.session->status().decoder.decoded_frames == 0);
  camera.Picture();
  const uint64_t decoded = camera.session->status().decoder.decoded_frames;
  camera.At(ReceivedAt(1));
  Send(camera, PlainClip(), 5, 5);
  CHECK(PictureNumber(*camera.Picture()->frame) == 5);
  CHECK(camera.session->status().decoder.decoded_frames == decoded + 1);
}

TEST_CASE("a picture that is held is not decoded again") {
  const DecoderCount decoders;
  ManualCamera camera(PlainClip(), {}, decoders.Factory());
  Send(camera, PlainClip(), 0, 4);
  const PicturePtr picture = camera.Picture();
  CHECK(camera.At(ReceivedAt(4)) == picture);
  CHECK(camera.Last() == picture);
  CHECK(*decoders.made == 1);
}

TEST_CASE("a time outside of what is kept is refused with the times that are") {
  ManualCamera camera(PlainClip());
  CHECK(ErrorOf(camera, ReceivedAt(0)) ==
        "ERR_FRAME_NOT_KEPT: Expected a time of which video is kept but none is kept now");
  Send(camera, PlainClip(), 0, 12);  // Over a keyframe: unit 10.
  const std::string early = ErrorOf(camera, ReceivedAt(9));
  CHECK(Contains(early, "ERR_FRAME_NOT_KEPT: Expected a time from 1700000000400 to "));
  CHECK(Contains(early, ", of which video is kept, but received 1700000000360"));
  const auto tomorrow = std::chrono::system_clock::now().time_since_epoch() + 24h;
  CHECK(Contains(ErrorOf(camera, std::chrono::duration_cast<std::chrono::microseconds>(tomorrow).count()),
                 "ERR_FRAME_NOT_KEPT"));
  CHECK(PictureNumber(*camera.At(ReceivedAt(10))->frame) == 10);
}

TEST_CASE("a time in whole milliseconds reaches the first picture too") {
  ManualCamera camera(PlainClip());
  camera.source->sink().OnAccessUnit(PlainClip().units[0].Received(ReceivedAt(0) + 999));
  CHECK(PictureNumber(*camera.At(ReceivedAt(0))->frame) == 0);
}

TEST_CASE("with B-frames a time gives the picture of the unit received then, numbered as viewers see it") {
  const test::Clip& clip = ReorderedClip();
  SessionOptions options;
  options.decode.mode = DecodeMode::kAlways;
  options.decode.buffer_size = 1;
  ManualCamera live(clip, options);
  ManualCamera camera(clip);
  int64_t after = 0;
  std::vector<PicturePtr> shown;
  for (size_t i = 0; i < 12; ++i) {
    Send(live, clip, i, i);
    Send(camera, clip, i, i);
    // The decoder holds two pictures back.
    if (i < 3) continue;
    shown.push_back(live.Picture(after));
    after = shown.back()->sequence;
  }
  REQUIRE(shown.size() >= 8);
  for (const PicturePtr& picture : shown) {
    const PicturePtr sought = camera.At(picture->received_unix_us);
    CHECK(sought->sequence == picture->sequence);
    CHECK(sought->pts_us == picture->pts_us);
    CHECK(PictureNumber(*sought->frame) == PictureNumber(*picture->frame));
  }
}

// A pool whose one thread is busy until the test lets it go.
class BusyPool {
 public:
  BusyPool() {
    pool.Post([released = release_.get_future().share()] { released.wait(); });
  }
  ~BusyPool() { Release(); }
  void Release() {
    if (!std::exchange(released_, true)) release_.set_value();
  }

 private:
  std::promise<void> release_;
  bool released_ = false;

 public:
  WorkPool pool{1};
};

TEST_CASE("only so many pictures of a camera are sought at once; for the same one there is always room") {
  BusyPool busy;
  const auto ring = std::make_shared<GopRing>(1 << 20);
  const auto live = std::make_shared<CameraDecoder>(
      DecodeOptions{}, ring, busy.pool,
      [](const StreamFormat& format) { return std::make_unique<SoftwareDecoder>(format); },
      CameraDecoder::Callbacks{.on_damage = nullptr, .on_failure = nullptr});
  live->SetFormat(PlainClip().format);
  for (size_t i = 0; i < 10; ++i) {
    ReceivedUnit received = PlainClip().units[i].Received(ReceivedAt(i));
    auto unit = std::make_shared<AccessUnit>();
    unit->sequence = static_cast<int64_t>(i) + 1;
    unit->gop_sequence = 1;
    unit->keyframe = i == 0;
    unit->pts_us = received.pts_us;
    unit->received_unix_us = received.received_unix_us;
    unit->bytes = std::move(received.bytes);
    REQUIRE(ring->Push(std::move(unit)));
  }
  const auto seeker = std::make_shared<PictureSeeker>(ring, live, busy.pool);
  std::mutex mutex;
  std::condition_variable answered;
  std::vector<std::string> answers;
  const auto ask = [&](size_t unit) {
    seeker->RequestAt(ReceivedAt(unit), [&](PicturePtr picture, const EngineError* error) {
      const std::lock_guard lock(mutex);
      answers.push_back(error ? error->code() : std::to_string(PictureNumber(*picture->frame)));
      answered.notify_one();
    });
  };
  for (size_t unit = 0; unit < 8; ++unit) ask(unit);
  ask(3);
  CHECK(answers.empty());
  ask(8);
  CHECK(answers == std::vector<std::string>{"ERR_OVERLOADED"});
  busy.Release();
  std::unique_lock lock(mutex);
  REQUIRE(answered.wait_for(lock, 5s, [&] { return answers.size() == 10; }));
  CHECK(answers == std::vector<std::string>{"ERR_OVERLOADED", "0", "1", "2", "3", "3", "4", "5", "6", "7"});
}

TEST_CASE("asking, sending, ending and discarding may meet") {
  const test::Clip& clip = PlainClip();
  for (int round = 0; round < 5; ++round) {
    ManualCamera camera(clip);
    Send(camera, clip, 0, 0);
    std::atomic<bool> over = false;
    std::vector<std::thread> askers;
    for (int i = 0; i < 3; ++i) {
      askers.emplace_back([&, i] {
        for (size_t n = 0; !over; ++n) {
          if (i == 0) camera.Last();
          if (i == 1) ErrorOf(camera, ReceivedAt(n % clip.units.size()));
          if (i == 2) camera.session->status();
        }
      });
    }
    for (size_t i = 1; i < clip.units.size(); ++i) {
      Send(camera, clip, i, i);
      if (i % 7 == 0) camera.source->sink().OnLoss("1 RTP packet missing");
      std::this_thread::yield();
    }
    camera.session->RequestStop();
    CHECK(camera.Last() != nullptr);
    camera.session->seeker()->Discard();
    over = true;
    for (std::thread& asker : askers) asker.join();
    CHECK(camera.Last() == nullptr);
  }
}

}  // namespace
}  // namespace framewell
