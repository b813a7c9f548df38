// The last picture when no more come: after a loss, after damage, after the end of the session.
#include "decode/picture_seeker.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "decode/jpeg_passthrough.h"
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

}  // namespace
}  // namespace framewell
