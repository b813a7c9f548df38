// What a camera's bitstream may lack or claim: parameter sets that do not come, pictures larger than any.
#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "decode/software_decoder.h"
#include "encoded_clip.h"
#include "ingest/annex_b.h"
#include "peak_memory.h"
#include "session/camera_session.h"

namespace framewell {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<uint8_t>;
using Events = std::vector<std::string>;

// Hears nothing of its own: the test calls the session.
class SilentSource final : public PacketSource {
 public:
  void Start(PacketSink& sink) override { sink_ = &sink; }
  void RequestStop() noexcept override {
    if (!std::exchange(ended_, true)) sink_->OnEnded(EngineError("ERR_STREAM_STOPPED", "The stream was stopped"));
  }
  void Join() noexcept override {}
  SourceStatus status() const override { return {}; }

 private:
  PacketSink* sink_ = nullptr;
  bool ended_ = false;
};

class SessionUnderTest {
 public:
  explicit SessionUnderTest(const StreamFormat& format, const SessionOptions& options = {}) : pool_(1) {
    SessionObserver observer;
    observer.connected = [this] { Note("connected"); };
    observer.awaiting_keyframe = [this](const EngineError* cause) {
      Note(cause ? cause->code() + ": " + cause->what() : "awaiting");
    };
    observer.live = [this] { Note("live"); };
    observer.engine = [](const EngineUse&) {};
    observer.ended = [this](const EngineError& cause) { Note("ended " + cause.code()); };
    auto decoding = std::make_shared<GpuDecoding>(
        Gpus{}, [](const StreamFormat& f) { return std::make_unique<SoftwareDecoder>(f); });
    session =
        CameraSession::Create(options, std::move(observer), pool_, std::move(decoding), std::make_shared<WorkMeter>());
    session->Start(std::make_unique<SilentSource>());
    session->OnConnected(format);
  }
  ~SessionUnderTest() { session->RequestStop(); }

  void Send(const Bytes& bytes) {
    ReceivedUnit unit;
    unit.bytes.Append(bytes);
    unit.bytes.Seal();
    unit.pts_us = time_us_ += 40'000;
    unit.received_unix_us = time_us_;
    session->OnAccessUnit(std::move(unit));
  }

  // The event that comes `index`-th.
  std::string Event(size_t index) {
    std::unique_lock lock(mutex_);
    REQUIRE(noted_.wait_for(lock, 5s, [&] { return events_.size() > index; }));
    return events_[index];
  }
  Events events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

  std::shared_ptr<CameraSession> session;

 private:
  void Note(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    noted_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable noted_;
  Events events_;  // Guarded by mutex_.
  int64_t time_us_ = 0;
  WorkPool pool_;
};

// The unit's slices without the parameter sets before them.
Bytes WithoutParameterSets(const Bytes& unit, AVCodecID codec) {
  Bytes slices;
  AnnexBReader reader(unit);
  while (const auto header = reader.Header()) {
    const bool slice = codec == AV_CODEC_ID_H264 ? (*header & 0x1f) <= 5 : (*header >> 1 & 0x3f) < 32;
    const auto nal = reader.Take();
    if (!slice) continue;
    slices.insert(slices.end(), {0, 0, 0, 1});
    slices.insert(slices.end(), nal.begin(), nal.end());
  }
  return slices;
}

const std::string kMissing =
    "ERR_DECODE_FAILED: Expected parameter sets in the SDP or with the keyframe but received none so far";

TEST_CASE("parameter sets that do not come are told once, and the pictures begin when they have come") {
  for (const char* encoder : {"libx264", "libx265"}) {
    CAPTURE(encoder);
    test::ClipOptions options;
    options.encoder = encoder;
    const test::Clip clip = test::EncodeClip(options);
    SessionUnderTest camera(clip.format);
    for (size_t i = 0; i < 25; ++i) camera.Send(WithoutParameterSets(clip.units[i].bytes, clip.format->codec_id));
    CHECK(camera.events() == Events{"connected", "awaiting", kMissing});
    CHECK(camera.session->status().ring.access_units == 0);
    CHECK(camera.session->status().keyframes == 3);
    for (size_t i = 0; i < 5; ++i) camera.Send(clip.units[i].bytes);
    CHECK(camera.events() == Events{"connected", "awaiting", kMissing, "live"});
    CHECK(camera.session->status().ring.access_units == 5);
  }
}

TEST_CASE("parameter sets of the SDP serve keyframes that bring none") {
  const test::Clip clip = test::EncodeClip({});
  const Bytes& keyframe = clip.units[0].bytes;
  const Bytes bare = WithoutParameterSets(keyframe, AV_CODEC_ID_H264);
  std::shared_ptr<AVCodecParameters> format(avcodec_parameters_alloc(), FreeCodecParameters());
  REQUIRE(avcodec_parameters_copy(format.get(), clip.format.get()) >= 0);
  // All that stands before the slices.
  const auto sets_size = static_cast<int>(keyframe.size() - bare.size());
  format->extradata = static_cast<uint8_t*>(av_mallocz(static_cast<size_t>(sets_size) + AV_INPUT_BUFFER_PADDING_SIZE));
  std::copy_n(keyframe.begin(), sets_size, format->extradata);
  format->extradata_size = sets_size;
  SessionUnderTest camera(format);
  camera.Send(bare);
  CHECK(camera.events() == Events{"connected", "awaiting", "live"});
}

// Writes a NAL unit bit by bit (H.264 7.3.1, 9.1).
class NalWriter {
 public:
  explicit NalWriter(uint8_t header) : bytes_{0, 0, 0, 1, header} {}

  NalWriter& Bits(uint32_t value, int count) {
    while (count-- > 0) Bit(value >> count & 1);
    return *this;
  }
  NalWriter& Ue(uint32_t value) {
    int bits = 0;
    while ((value + 1) >> (bits + 1)) ++bits;
    return Bits(0, bits).Bits(value + 1, bits + 1);
  }
  // With rbsp_trailing_bits.
  Bytes End() {
    Bit(1);
    while (filled_ != 0) Bit(0);
    return bytes_;
  }

 private:
  void Bit(uint32_t bit) {
    byte_ = static_cast<uint8_t>(byte_ << 1 | bit);
    if (++filled_ < 8) return;
    // 7.4.1.1: emulation prevention.
    const auto end = bytes_.end();
    if (byte_ <= 3 && bytes_.size() >= 7 && end[-1] == 0 && end[-2] == 0) bytes_.push_back(3);
    bytes_.push_back(byte_);
    byte_ = 0;
    filled_ = 0;
  }

  Bytes bytes_;
  uint8_t byte_ = 0;
  int filled_ = 0;
};

// A keyframe whose slice has nothing behind its header; its size in macroblocks.
Bytes EmptyKeyframe(uint32_t width, uint32_t height) {
  const Bytes sps = NalWriter(0x67)
                        .Bits(66 << 16 | 51, 24)  // Baseline, level 5.1.
                        .Ue(0)                    // seq_parameter_set_id
                        .Ue(0)                    // log2_max_frame_num_minus4
                        .Ue(2)                    // pic_order_cnt_type
                        .Ue(1)                    // max_num_ref_frames
                        .Bits(0, 1)               // gaps_in_frame_num_value_allowed_flag
                        .Ue(width - 1)
                        .Ue(height - 1)
                        .Bits(0b1100, 4)  // frame_mbs_only, direct_8x8_inference, no cropping, no VUI.
                        .End();
  const Bytes pps =
      NalWriter(0x68).Ue(0).Ue(0).Bits(0, 2).Ue(0).Ue(0).Ue(0).Bits(0, 3).Ue(0).Ue(0).Ue(0).Bits(0, 3).End();
  const Bytes slice = NalWriter(0x65)
                          .Ue(0)       // first_mb_in_slice
                          .Ue(7)       // slice_type: I
                          .Ue(0)       // pic_parameter_set_id
                          .Bits(0, 4)  // frame_num
                          .Ue(0)       // idr_pic_id
                          .Bits(0, 2)  // dec_ref_pic_marking
                          .Ue(0)       // slice_qp_delta
                          .End();
  Bytes unit = sps;
  unit.insert(unit.end(), pps.begin(), pps.end());
  unit.insert(unit.end(), slice.begin(), slice.end());
  return unit;
}

SessionOptions Decoding() {
  SessionOptions options;
  options.decode.mode = DecodeMode::kAlways;
  return options;
}

TEST_CASE("a picture larger than any camera's ends the session, names the bound and takes no memory") {
  const test::Clip clip = test::EncodeClip({.frames = 1});
  SessionUnderTest camera(clip.format, Decoding());
  const PeakMemory peak;
  CHECK_THROWS_WITH_AS(camera.Send(EmptyKeyframe(1024, 512)),
                       "Expected pictures of at most 35651584 pixels but the camera's have 16384x8192", EngineError);
  CHECK(peak.Grown() < 64);
}

TEST_CASE("a size that libavcodec does not take for one takes no memory either") {
  const test::Clip clip = test::EncodeClip({.frames = 1});
  SessionUnderTest camera(clip.format, Decoding());
  const PeakMemory peak;
  camera.Send(EmptyKeyframe(1024, 1024));
  CHECK(camera.Event(2) == "live");
  CHECK(camera.Event(3).starts_with("ERR_DECODE_FAILED"));
  CHECK(peak.Grown() < 64);
}

TEST_CASE("a unit that the ring has no room for closes the gate, and the bound is named") {
  const test::Clip clip = test::EncodeClip({.frames = 2});
  Bytes filled = clip.units[1].bytes;
  filled.insert(filled.end(), {0, 0, 0, 1, 0x0c});  // Filler data (H.264 table 7-1).
  filled.resize(filled.size() + 1000, 0xff);
  SessionOptions options;
  options.ring_max_bytes = 1000;
  SessionUnderTest camera(clip.format, options);
  camera.Send(clip.units[0].bytes);
  camera.Send(filled);
  CHECK(camera.events() == Events{"connected", "awaiting", "live",
                                  "ERR_GOP_TOO_LARGE: Expected a group of pictures of at most 1000 bytes ahead of the "
                                  "decoder but received more"});
  CHECK(camera.session->status().ring.bytes == 0);
}

TEST_CASE("keyframes that the ring never has room for are told once, whatever closed the gate before") {
  const test::Clip clip = test::EncodeClip({.frames = 1});
  const Bytes& fitting = clip.units[0].bytes;
  Bytes large = fitting;
  large.insert(large.end(), {0, 0, 0, 1, 0x0c});  // Filler data (H.264 table 7-1).
  large.resize(large.size() + 1000, 0xff);
  SessionOptions options;
  options.ring_max_bytes = fitting.size() + 100;
  SessionUnderTest camera(clip.format, options);
  const std::string too_large = "ERR_GOP_TOO_LARGE: Expected a group of pictures of at most " +
                                std::to_string(options.ring_max_bytes) +
                                " bytes ahead of the decoder but received more";
  for (int i = 0; i < 3; ++i) camera.Send(large);
  camera.Send(fitting);
  camera.session->OnLoss("2 RTP packets missing");
  for (int i = 0; i < 3; ++i) camera.Send(large);
  CHECK(camera.events() ==
        Events{"connected", "awaiting", too_large, "live", "ERR_PACKETS_LOST: 2 RTP packets missing", too_large});
}

TEST_CASE("a JPEG's size is bounded too") {
  test::ClipOptions options;
  options.encoder = "mjpeg";
  options.frames = 1;
  const test::Clip clip = test::EncodeClip(options);
  Bytes jpeg = clip.units[0].bytes;
  // ITU-T T.81 B.2.2: SOF0, 16 bits of length, precision, height, width.
  const Bytes marker{0xff, 0xc0};
  const auto frame = std::search(jpeg.begin(), jpeg.end(), marker.begin(), marker.end());
  REQUIRE(jpeg.end() - frame > 9);
  std::fill_n(frame + 5, 4, 0xff);
  SessionUnderTest camera(clip.format, Decoding());
  CHECK_THROWS_WITH_AS(camera.Send(jpeg),
                       "Expected pictures of at most 35651584 pixels but the camera's have 65535x65535", EngineError);
}

}  // namespace
}  // namespace framewell
