#include <algorithm>
#include <atomic>
#include <future>

#include "decode/jpeg_passthrough.h"
#include "decode/software_decoder.h"
#include "ingest/bitstream_parser.h"
#include "ingest/jpeg_header.h"
#include "ingest/libav_watch.h"
#include "jpeg/jpeg_encoder.h"
#include "rtp_fuzz_support.h"
#include "session/camera_session.h"

using namespace framewell;

namespace {

constexpr AVCodecID kCodecs[] = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MJPEG, AV_CODEC_ID_MPEG4};
constexpr size_t kRingBytes = 64 * 1024;
// Large pictures are slow and no other code reads them.
constexpr int kMaxPixels = 640 * 480;

// Sends what the fuzzer gives, on its thread.
class FuzzSource final : public PacketSource {
 public:
  void Start(PacketSink& sink) override { sink_ = &sink; }
  // As a receiver does: an error of the sink ends it.
  void Send(ReceivedUnit unit) {
    try {
      sink_->OnAccessUnit(std::move(unit));
    } catch (const EngineError& error) {
      End(error);
    }
  }
  void RequestStop() noexcept override { End(EngineError("ERR_STREAM_STOPPED", "The stream was stopped")); }
  void Join() noexcept override {}
  SourceStatus status() const override { return {}; }

 private:
  void End(const EngineError& cause) {
    if (!ended_.exchange(true)) sink_->OnEnded(cause);
  }

  PacketSink* sink_ = nullptr;
  std::atomic<bool> ended_{false};
};

// The engine's decoders, for pictures that are said to be small.
class BoundedDecoder final : public VideoDecoder {
 public:
  explicit BoundedDecoder(const StreamFormat& format) : parser_(*format) {
    if (format->codec_id == AV_CODEC_ID_MJPEG) {
      decoder_ = std::make_unique<JpegPassthrough>();
    } else {
      decoder_ = std::make_unique<SoftwareDecoder>(format);
    }
  }

  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override {
    const UnitFacts facts = parser_.Parse(unit->bytes.data());
    if (int64_t{facts.width} * facts.height > kMaxPixels) return {.pictures = {}, .damage = "large"};
    return decoder_->Decode(unit, effort);
  }
  DecodeResult Drain() override { return decoder_->Drain(); }
  void Flush() override { decoder_->Flush(); }

 private:
  BitstreamParser parser_;
  std::unique_ptr<VideoDecoder> decoder_;
};

void Encode(const Picture& picture, const JpegOptions& options) {
  static JpegEncoder encoder;
  if (int64_t{picture.display.width} * picture.display.height > kMaxPixels) return;
  Require(picture.display.width > 0 && picture.display.height > 0);
  try {
    const PicturePtr decoded = picture.jpeg ? DecodeJpeg(picture.jpeg) : nullptr;
    const JpegBytes jpeg = encoder.Encode(decoded ? *decoded->frame : *picture.frame, options);
    Require(IsWholeJpeg({jpeg.data(), jpeg.size()}));
    const auto size = ReadJpegSize({jpeg.data(), jpeg.size()});
    Require(size && size->width > 0 && size->height > 0);
    Require(options.max_width == 0 || size->width <= options.max_width);
    Require(options.max_height == 0 || size->height <= options.max_height);
    if (!options.crop) return;
    Require(size->width <= std::max(1, options.crop->width));
    Require(size->height <= std::max(1, options.crop->height));
  } catch (const EngineError& error) {
    Require(error.code().starts_with("ERR_"));
  }
}

// Waits until the pool, which has one thread, has done all that was posted.
void Drain(WorkPool& pool) {
  std::promise<void> done;
  pool.Post([&] { done.set_value(); });
  done.get_future().wait();
}

}  // namespace

// Codec and modes, three bytes for the JPEG and four for a part of it if any, then access units as [0 for a loss before
// it, length, bytes].
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto meter = std::make_shared<WorkMeter>();
  static WorkPool pool(1);
  LibavWatch::TakeOverLog();
  FuzzInput input(data, size);
  const uint8_t choice = input.Byte();
  JpegOptions jpeg{.quality = 1 + input.Byte() % 100, .max_width = input.Byte(), .max_height = input.Byte()};
  if (choice & 16) jpeg.fit = Fit::kCover;
  if (choice & 32) {
    jpeg.crop = CropRectangle{.x = input.Byte(), .y = input.Byte(), .width = input.Byte(), .height = input.Byte()};
  }
  const std::shared_ptr<AVCodecParameters> format(avcodec_parameters_alloc(), FreeCodecParameters());
  format->codec_type = AVMEDIA_TYPE_VIDEO;
  format->codec_id = kCodecs[choice & 3];

  SessionOptions options;
  options.decode.mode = choice & 4 ? DecodeMode::kKeyframes : DecodeMode::kAlways;
  options.loss = choice & 8 ? LossPolicy::kTolerant : LossPolicy::kStrict;
  options.ring_max_bytes = kRingBytes;
  std::atomic<bool> ended{false};
  const SessionObserver observer{.connected = [] {},
                                 .awaiting_keyframe = [](const EngineError*) {},
                                 .live = [] {},
                                 .engine = [](const EngineUse&) {},
                                 .ended = [&](const EngineError&) { ended = true; }};
  auto decoding =
      std::make_shared<GpuDecoding>(Gpus{}, [](const StreamFormat& f) { return std::make_unique<BoundedDecoder>(f); });
  const auto session = CameraSession::Create(options, observer, pool, std::move(decoding), meter);
  auto owned_source = std::make_unique<FuzzSource>();
  FuzzSource& source = *owned_source;
  session->Start(std::move(owned_source));
  session->OnConnected(format);
  PicturePtr shown;
  for (int64_t time_us = 0; !input.empty() && !ended; time_us += 40'000) {
    if (input.Byte() == 0) session->OnLoss("lost");
    const auto bytes = input.Bytes(input.U16());
    ReceivedUnit unit{.bytes = {}, .pts_us = time_us, .received_unix_us = time_us};
    unit.bytes.Append(bytes);
    unit.bytes.Seal();
    source.Send(std::move(unit));
    Drain(pool);
    Require(session->status().ring.bytes <= kRingBytes);
    const PicturePtr before = std::exchange(shown, session->HeldPicture());
    if (shown && shown != before) Encode(*shown, jpeg);
  }
  session->RequestStop();
  Drain(pool);
  Require(ended);
  return 0;
}
