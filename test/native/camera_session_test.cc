// A session fed by a source of the test's own: gate, ring, decode on demand.
#include "session/camera_session.h"

#include <doctest/doctest.h>

#include <future>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "encoded_clip.h"
#include "manual_camera.h"

namespace framewell {
namespace {

using namespace std::chrono_literals;

const test::Clip& PlainClip() {
  static const test::Clip clip = test::EncodeClip({});
  return clip;
}

using Events = std::vector<std::string>;

TEST_CASE("nothing is decoded until somebody asks; then the newest picture comes from the ring") {
  test::ManualCamera camera(PlainClip());
  camera.Send(0, 7);
  CHECK_FALSE(camera.session->status().decoder.decoding);
  const PicturePtr picture = camera.Picture();
  CHECK(picture->sequence == 8);
  CHECK(picture->received_unix_us == 7);
  CHECK(test::PictureNumber(*picture->frame) == 7);
  CHECK(camera.events() == Events{"connected", "awaiting ", "live"});
}

// Access units that were decoded.
uint64_t Decodes(const test::ManualCamera& camera) {
  const auto counts = camera.meter->decodes.Read().counts;
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

TEST_CASE("each access unit that is decoded is timed, for a seek too") {
  test::ManualCamera camera(PlainClip());
  camera.Send(0, 7);
  CHECK(Decodes(camera) == 0);
  camera.Picture();
  CHECK(Decodes(camera) == 8);
  camera.At(3);
  CHECK(Decodes(camera) > 8);
}

TEST_CASE("a warm decoder keeps up, and a request for a newer picture waits for it") {
  test::ManualCamera camera(PlainClip());
  camera.Send(0, 2);
  const PicturePtr first = camera.Picture();
  auto next = std::async(std::launch::async, [&] { return camera.Picture(first->sequence); });
  camera.Send(3);
  CHECK(test::PictureNumber(*next.get()->frame) == 3);
  camera.Send(4, 12);  // Over a keyframe.
  CHECK(test::PictureNumber(*camera.Picture(12)->frame) == 12);
}

TEST_CASE(
    "between snapshots that come in a rhythm units wait, until the next one or until somebody follows the stream") {
  test::ManualCamera camera(PlainClip());
  camera.Send(0, 1);
  camera.Last();
  for (int i = 0; i < 2; ++i) {
    std::this_thread::sleep_for(500ms);  // The rhythm.
    camera.Last();
  }
  camera.Send(2, 4);
  CHECK(Decodes(camera) == 2);
  CHECK(test::PictureNumber(*camera.Last()->frame) == 4);
  CHECK(Decodes(camera) == 5);
  camera.Picture();
  camera.Send(5);
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (Decodes(camera) < 6) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::yield();
  }
}

TEST_CASE("after the linger time the decoder and its pictures go") {
  SessionOptions options;
  options.decode.linger = 0ms;
  test::ManualCamera camera(PlainClip(), options);
  camera.Send(0, 3);
  camera.Picture();
  camera.Send(4);
  camera.AwaitDecoding(false);
  CHECK(camera.session->HeldPicture() == nullptr);
  camera.Send(5);
  CHECK(test::PictureNumber(*camera.Picture()->frame) == 5);
}

TEST_CASE("units before the first keyframe are not shown") {
  test::ManualCamera camera(PlainClip());
  camera.Send(3, 8);
  CHECK(camera.session->status().ring.access_units == 0);
  camera.Send(10, 11);
  CHECK(test::PictureNumber(*camera.Picture()->frame) == 11);
  CHECK(camera.Picture()->sequence == 8);  // The eighth unit that came.
}

TEST_CASE("a loss that is tolerated is counted and the pictures go on") {
  SessionOptions options;
  options.loss = LossPolicy::kTolerant;
  test::ManualCamera camera(PlainClip(), options);
  camera.Send(0, 1);
  camera.source->sink().OnLoss("2 RTP packets missing");
  camera.Send(2);
  CHECK(camera.Picture(2)->sequence == 3);
  CHECK(camera.session->status().losses == 1);
  CHECK(camera.events() == Events{"connected", "awaiting ", "live"});
}

TEST_CASE("a loss closes the gate until the next keyframe; the last clean picture stays") {
  test::ManualCamera camera(PlainClip());
  camera.Send(0, 4);
  camera.source->sink().OnLoss("2 RTP packets missing");
  camera.Send(7, 9);
  CHECK(test::PictureNumber(*camera.Picture()->frame) == 4);
  CHECK(camera.session->status().losses == 1);
  camera.Send(10, 11);
  CHECK(test::PictureNumber(*camera.Picture()->frame) == 11);
  CHECK(camera.events() == Events{"connected", "awaiting ", "live", "awaiting ERR_PACKETS_LOST", "live"});
}

TEST_CASE("a damaged unit is never shown, nor what follows it") {
  test::Clip clip = test::EncodeClip({});
  // The slice keeps its header and loses most of its data.
  auto& slice = clip.units[5].bytes;
  slice.resize(slice.size() / 3);
  test::ManualCamera camera(clip);
  camera.Send(0, 4);
  CHECK(test::PictureNumber(*camera.Picture()->frame) == 4);
  camera.Send(5, 8);
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (camera.session->status().losses == 0) REQUIRE(std::chrono::steady_clock::now() < deadline);
  CHECK(test::PictureNumber(*camera.Picture()->frame) == 4);
  camera.Send(10);
  CHECK(test::PictureNumber(*camera.Picture(5)->frame) == 10);
}

TEST_CASE("B-frames come out in the order they are shown, each with its own facts") {
  test::ClipOptions options;
  options.b_frames = 2;
  options.frames = 24;
  options.gop = 12;
  const test::Clip clip = test::EncodeClip(options);
  SessionOptions session;
  session.decode.mode = DecodeMode::kAlways;
  session.decode.buffer_size = 1;
  test::ManualCamera camera(clip, session);
  int64_t last = 0;
  for (size_t i = 0; i < clip.units.size(); ++i) {
    camera.Send(i);
    const auto held = camera.session->HeldPicture();
    if (i < 4) continue;
    const PicturePtr picture = camera.Picture(last);
    CHECK(picture->sequence > last);
    CHECK(test::PictureNumber(*picture->frame) == picture->sequence - 1);
    CHECK(picture->pts_us == (picture->sequence - 1) * 40'000 + clip.units[0].pts_us);
    // It came in the unit with its time stamp.
    CHECK(clip.units[static_cast<size_t>(picture->received_unix_us)].pts_us == picture->pts_us);
    last = picture->sequence;
    if (i + 3 >= clip.units.size()) break;
  }
}

TEST_CASE("keyframe mode decodes keyframes only, also of streams that reorder") {
  test::ClipOptions options;
  options.b_frames = 2;
  const test::Clip clip = test::EncodeClip(options);
  SessionOptions session;
  session.decode.mode = DecodeMode::kKeyframes;
  test::ManualCamera camera(clip, session);
  camera.Send(0, clip.units.size() - 1);
  const PicturePtr picture = camera.Picture();
  CHECK(clip.units[static_cast<size_t>(picture->received_unix_us)].keyframe);
  CHECK(picture->received_unix_us > 15);
  CHECK(camera.session->status().ring.access_units == 1);
}

TEST_CASE("a group larger than the ring is decoded continuously and still gives the newest picture") {
  const test::Clip clip = test::EncodeClip({.frames = 60, .gop = 60});
  size_t total = 0;
  for (const auto& unit : clip.units) total += unit.bytes.size();
  SessionOptions options;
  options.decode.linger = 0ms;
  options.ring_max_bytes = total / 2;
  test::ManualCamera camera(clip, options);
  for (size_t i = 0; i < 50; ++i) {
    camera.Send(i);
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    // The decoder is given the time it would have between a camera's pictures.
    while (camera.session->status().ring.overflowed && camera.session->status().ring.bytes > 0) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::yield();
    }
  }
  CHECK(camera.session->status().ring.overflowed);
  CHECK(camera.session->status().losses == 0);
  CHECK(test::PictureNumber(*camera.Picture(49)->frame) == 49);
}

TEST_CASE("parameter sets sent once are put before later keyframes") {
  test::Clip clip = test::EncodeClip({});
  // Unit 10 is a keyframe: cut its SPS, PPS and SEI away.
  const auto reader_start = clip.units[10].bytes;
  const std::vector<uint8_t> idr_code{0, 0, 1, 0x65};
  const auto idr = std::search(reader_start.begin(), reader_start.end(), idr_code.begin(), idr_code.end());
  REQUIRE(idr != reader_start.end());
  clip.units[10].bytes.assign(idr, reader_start.end());
  test::ManualCamera camera(clip);
  camera.Send(0, 12);
  CHECK(test::PictureNumber(*camera.Picture()->frame) == 12);
}

TEST_CASE("who waits when the session ends is told why") {
  test::ManualCamera camera(PlainClip());
  auto waiting = std::async(std::launch::async, [&] { return camera.Picture(); });
  while (waiting.wait_for(0ms) != std::future_status::ready && !camera.session->status().connected) {
  }
  camera.session->RequestStop();
  try {
    waiting.get();
    FAIL("Expected an error");
  } catch (const EngineError& error) {
    CHECK(error.code() == "ERR_STREAM_STOPPED");
  }
  CHECK(camera.events().back() == "ended ERR_STREAM_STOPPED");
}

TEST_CASE("a codec without a decoder ends the session with its name") {
  std::shared_ptr<AVCodecParameters> parameters(avcodec_parameters_alloc(), FreeCodecParameters());
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = AV_CODEC_ID_NONE;
  test::Clip clip{parameters, {}};
  CHECK_THROWS_AS(test::ManualCamera{clip}, EngineError);
}

}  // namespace
}  // namespace framewell
