// Pictures out of the kept group: by time, and the last one when no more come.
#include "decode/picture_seeker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <thread>
#include <vector>

#include "decode/jpeg_passthrough.h"
#include "manual_camera.h"

namespace framewell {
namespace {

using namespace std::chrono_literals;
using test::ManualCamera;
using test::PictureNumber;

// Unit i of a clip was received then: 25 units a second.
int64_t ReceivedAt(size_t unit) { return 1'700'000'000'000'000 + static_cast<int64_t>(unit) * 40'000; }

void Send(ManualCamera& camera, const test::Clip& clip, size_t first, size_t last) {
  for (size_t i = first; i <= last; ++i) camera.source->sink().OnAccessUnit(clip.units[i].Received(ReceivedAt(i)));
}

const test::Clip& PlainClip() {
  static const test::Clip clip = test::EncodeClip({});
  return clip;
}

// Decoding order I P B B P B B, shown I B B P B B P.
const test::Clip& ReorderedClip() {
  static const test::Clip clip = test::EncodeClip({.frames = 24, .gop = 12, .b_frames = 2});
  return clip;
}

std::string ErrorOf(ManualCamera& camera, int64_t unix_us) {
  try {
    camera.At(unix_us);
  } catch (const EngineError& error) {
    return error.code() + ": " + error.what();
  }
  return "no error";
}

bool Contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Counts the decoders that were made.
struct DecoderCount {
  std::shared_ptr<std::atomic<int>> made = std::make_shared<std::atomic<int>>(0);

  VideoDecoderFactory Factory() const {
    return [made = made](const StreamFormat& format) {
      ++*made;
      return std::make_unique<SoftwareDecoder>(format);
    };
  }
};

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

TEST_CASE("after the session's end the last picture and those before it can be had until they are discarded") {
  ManualCamera camera(PlainClip());
  Send(camera, PlainClip(), 0, 16);
  camera.session->RequestStop();
  CHECK_THROWS_AS(camera.Picture(), EngineError);
  CHECK(PictureNumber(*camera.Last()->frame) == 16);
  CHECK(PictureNumber(*camera.At(ReceivedAt(13))->frame) == 13);
  CHECK(camera.session->status().ring.access_units == 7);
  camera.session->seeker()->Discard();
  CHECK(camera.Last() == nullptr);
  CHECK(Contains(ErrorOf(camera, ReceivedAt(13)), "ERR_FRAME_NOT_KEPT"));
  CHECK(camera.session->status().ring.access_units == 0);
  CHECK(camera.session->status().decoder.buffered_frames == 0);
}

TEST_CASE("after the session's end nothing is decoded until somebody asks, and then once for all") {
  const DecoderCount decoders;
  ManualCamera camera(PlainClip(), {}, decoders.Factory());
  Send(camera, PlainClip(), 0, 8);
  camera.session->RequestStop();
  CHECK(*decoders.made == 0);
  std::vector<std::thread> askers;
  for (int i = 0; i < 16; ++i) askers.emplace_back([&] { camera.Last(); });
  for (std::thread& asker : askers) asker.join();
  CHECK(PictureNumber(*camera.Last()->frame) == 8);
  CHECK(*decoders.made == 1);
}

TEST_CASE("the kept video outlives its session") {
  ManualCamera camera(PlainClip());
  Send(camera, PlainClip(), 0, 3);
  camera.session->RequestStop();
  const std::weak_ptr<CameraSession> session = camera.session;
  const std::shared_ptr<PictureSeeker> seeker = camera.session->seeker();
  camera.session.reset();
  CHECK(session.expired());
  std::promise<int> number;
  seeker->RequestLast(
      [&](PicturePtr picture, const EngineError*) { number.set_value(PictureNumber(*picture->frame)); });
  CHECK(number.get_future().get() == 3);
}

TEST_CASE("pictures that waited to be reordered are the last ones where no more come") {
  const test::Clip& clip = ReorderedClip();
  for (const bool ends : {true, false}) {
    CAPTURE(ends);
    ManualCamera camera(clip);
    // Units 0 to 6 are the pictures 0 3 1 2 6 4 5.
    Send(camera, clip, 0, 6);
    CHECK(PictureNumber(*camera.Last()->frame) < 6);
    if (ends) {
      camera.session->RequestStop();
    } else {
      camera.source->sink().OnLoss("2 RTP packets missing");
    }
    const PicturePtr last = camera.Last();
    CHECK(PictureNumber(*last->frame) == 6);
    CHECK(last->sequence == 7);
    CHECK(last->received_unix_us == ReceivedAt(4));
  }
}

TEST_CASE("a keyframe that waits to be reordered is shown where there is nothing else") {
  ManualCamera camera(ReorderedClip());
  Send(camera, ReorderedClip(), 0, 0);
  CHECK(PictureNumber(*camera.Last()->frame) == 0);
  Send(camera, ReorderedClip(), 1, 1);
  const PicturePtr last = camera.Last();
  CHECK(PictureNumber(*last->frame) == 0);
  CHECK(last->sequence == 1);
  CHECK(camera.At(ReceivedAt(1))->sequence == 1);
}

TEST_CASE("while packets are missing the last clean picture is given, and let go at the next keyframe") {
  ManualCamera camera(PlainClip());
  Send(camera, PlainClip(), 0, 4);
  camera.source->sink().OnLoss("2 RTP packets missing");
  Send(camera, PlainClip(), 7, 9);
  std::weak_ptr<const Picture> last = camera.Last();
  REQUIRE(last.lock() != nullptr);
  CHECK(PictureNumber(*last.lock()->frame) == 4);
  CHECK(camera.Last() == last.lock());
  Send(camera, PlainClip(), 10, 10);
  // The pool's thread may be about to let its own reference go.
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!last.expired()) REQUIRE(std::chrono::steady_clock::now() < deadline);
  CHECK(PictureNumber(*camera.Last()->frame) == 10);
}

TEST_CASE("damage that nobody has seen yet ends where the clean pictures end") {
  test::Clip clip = test::EncodeClip({});
  clip.units[5].bytes.resize(clip.units[5].bytes.size() / 3);
  ManualCamera camera(clip);
  Send(camera, clip, 0, 8);
  camera.session->RequestStop();
  CHECK(PictureNumber(*camera.Last()->frame) == 4);
  CHECK(PictureNumber(*camera.At(ReceivedAt(7))->frame) == 4);
  CHECK(PictureNumber(*camera.At(ReceivedAt(2))->frame) == 2);
}

TEST_CASE("a damaged keyframe gives no picture, and nobody waits for the next one") {
  test::Clip clip = test::EncodeClip({});
  clip.units[0].bytes.resize(clip.units[0].bytes.size() / 2);
  ManualCamera camera(clip);
  Send(camera, clip, 0, 0);
  CHECK(camera.Last() == nullptr);
  camera.session->RequestStop();
  CHECK(camera.Last() == nullptr);
}

TEST_CASE("keyframe mode keeps the newest keyframe, also of streams that reorder") {
  SessionOptions options;
  options.decode.mode = DecodeMode::kKeyframes;
  ManualCamera camera(ReorderedClip(), options);
  Send(camera, ReorderedClip(), 0, 14);
  const PicturePtr last = camera.Last();
  CHECK(PictureNumber(*last->frame) == 12);
  CHECK(camera.At(ReceivedAt(14))->sequence == last->sequence);
  camera.session->RequestStop();
  CHECK(camera.Last()->sequence == last->sequence);
}

TEST_CASE("a camera that sends JPEG gives the one it sent last") {
  const test::Clip clip = test::EncodeClip({.encoder = "mjpeg", .frames = 5, .gop = 1});
  ManualCamera camera(clip, {}, [](const StreamFormat&) { return std::make_unique<JpegPassthrough>(); });
  Send(camera, clip, 0, 4);
  CHECK(camera.At(ReceivedAt(4) + 1'000)->sequence == 5);
  CHECK(Contains(ErrorOf(camera, ReceivedAt(3)), "ERR_FRAME_NOT_KEPT"));
  camera.session->RequestStop();
  CHECK(camera.Last()->received_unix_us == ReceivedAt(4));
}

TEST_CASE("what an overflowed ring cannot give again is held") {
  const test::Clip clip = test::EncodeClip({.frames = 60, .gop = 60});
  size_t total = 0;
  for (const auto& unit : clip.units) total += unit.bytes.size();
  SessionOptions options;
  options.decode.linger = 0ms;
  options.ring_max_bytes = total / 2;
  ManualCamera camera(clip, options);
  for (size_t i = 0; i < 50; ++i) {
    Send(camera, clip, i, i);
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (camera.session->status().ring.overflowed && camera.session->status().ring.bytes > 0) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::yield();
    }
  }
  REQUIRE(camera.session->status().ring.overflowed);
  CHECK(PictureNumber(*camera.At(ReceivedAt(49))->frame) == 49);
  CHECK(Contains(ErrorOf(camera, ReceivedAt(30)), "ERR_FRAME_NOT_KEPT"));
  camera.session->RequestStop();
  CHECK(PictureNumber(*camera.Last()->frame) == 49);
  CHECK(PictureNumber(*camera.At(ReceivedAt(49))->frame) == 49);
  camera.session->seeker()->Discard();
  CHECK(camera.Last() == nullptr);
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
