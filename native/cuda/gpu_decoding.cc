#include "cuda/gpu_decoding.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "cuda/nvdec_caps.h"
#include "decode/jpeg_passthrough.h"

namespace framewell {
namespace {

constexpr char kAsSent[] = "MJPEG goes out as the camera sends it";

int64_t UnixMicroseconds() {
  using std::chrono::duration_cast, std::chrono::microseconds, std::chrono::system_clock;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

// The card's failures end this decoder, not the camera.
class GpuDecoding::CardDecoder final : public VideoDecoder {
 public:
  CardDecoder(std::shared_ptr<GpuDecoding> owner, std::unique_ptr<VideoDecoder> decoder)
      : owner_(std::move(owner)), decoder_(std::move(decoder)) {}

  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override {
    return Guard([&] { return decoder_->Decode(unit, effort); });
  }
  DecodeResult Drain() override {
    return Guard([&] { return decoder_->Drain(); });
  }
  void Flush() override {
    Guard([&] {
      decoder_->Flush();
      return 0;
    });
  }

 private:
  template <typename Work>
  std::invoke_result_t<Work> Guard(Work work) {
    try {
      return work();
    } catch (const CudaError& error) {
      owner_->Failed(error);
      throw DecoderLost(error);
    }
  }

  const std::shared_ptr<GpuDecoding> owner_;
  const std::unique_ptr<VideoDecoder> decoder_;
};

// On the CPU for a while: a keyframe after the rest is the moment to change over, since nothing refers to what was
// before.
class GpuDecoding::RestingDecoder final : public VideoDecoder {
 public:
  RestingDecoder(std::shared_ptr<GpuDecoding> owner, std::unique_ptr<VideoDecoder> decoder)
      : owner_(std::move(owner)), decoder_(std::move(decoder)) {}

  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override {
    if (unit->keyframe && owner_->MayTryCard()) {
      throw DecoderLost({"ERR_STREAM_NOT_LIVE", "The camera goes back to the card"});
    }
    return decoder_->Decode(unit, effort);
  }
  DecodeResult Drain() override { return decoder_->Drain(); }
  void Flush() override { decoder_->Flush(); }

 private:
  const std::shared_ptr<GpuDecoding> owner_;
  const std::unique_ptr<VideoDecoder> decoder_;
};

GpuDecoding::GpuDecoding(Gpus gpus, VideoDecoderFactory on_cpu, GpuRetryPolicy policy)
    : gpus_(std::move(gpus)), on_cpu_(std::move(on_cpu)), policy_(policy) {}

std::unique_ptr<VideoDecoder> GpuDecoding::Open(const StreamFormat& format) {
  if (gpus_.empty()) return on_cpu_(format);
  if (format->codec_id == AV_CODEC_ID_MJPEG) return OpenPassthrough();
  if (!NvdecCodec(format->codec_id)) {
    return OpenOnCpu(format, std::string("The GPU path does not take ") + avcodec_get_name(format->codec_id));
  }
  if (!MayTryCard()) {
    std::string failure;
    {
      const std::lock_guard lock(mutex_);
      failure = failure_;
    }
    return std::make_unique<RestingDecoder>(shared_from_this(), OpenOnCpu(format, failure));
  }
  const std::shared_ptr<Gpu> gpu = LeastLoaded();
  try {
    auto decoder = std::make_unique<CardDecoder>(shared_from_this(), gpu->OpenDecoder(format->codec_id));
    Use(gpu->ordinal(), "NVDEC of GPU " + std::to_string(gpu->ordinal()));
    return decoder;
  } catch (const CudaError& error) {
    Failed(error);
    return Open(format);
  }
}

std::optional<EngineUse> GpuDecoding::use() const {
  const std::lock_guard lock(mutex_);
  return use_;
}

std::shared_ptr<Gpu> GpuDecoding::LeastLoaded() const {
  return *std::min_element(gpus_.begin(), gpus_.end(),
                           [](const auto& a, const auto& b) { return a->decoders() < b->decoders(); });
}

std::shared_ptr<Gpu> GpuDecoding::OwnGpu() const {
  const std::optional<EngineUse> used = use();
  const auto own =
      std::find_if(gpus_.begin(), gpus_.end(), [&](const auto& gpu) { return used && used->gpu == gpu->ordinal(); });
  return own == gpus_.end() ? LeastLoaded() : *own;
}

std::unique_ptr<VideoDecoder> GpuDecoding::OpenPassthrough() {
  // Who makes pixels is known once somebody wants some, and stays known over pauses.
  if (!use()) Use(std::nullopt, kAsSent);
  // A picture may outlive the session.
  return std::make_unique<JpegPassthrough>([weak = weak_from_this()](const AccessUnitPtr& jpeg) {
    const std::shared_ptr<GpuDecoding> self = weak.lock();
    return self ? self->OpenJpeg(jpeg) : DecodeJpeg(jpeg);
  });
}

PicturePtr GpuDecoding::OpenJpeg(const AccessUnitPtr& jpeg) {
  if (!MayTryCard()) return DecodeJpeg(jpeg);
  const std::shared_ptr<Gpu> gpu = OwnGpu();
  try {
    const DecodeResult result = gpu->DecodeJpeg(jpeg);
    if (!result.pictures.empty()) {
      Use(gpu->ordinal(), std::string(kAsSent) + "; other sizes by NVDEC of GPU " + std::to_string(gpu->ordinal()));
      return result.pictures.front();
    }
  } catch (const CudaError& error) {
    Failed(error);
    Use(std::nullopt, std::string(kAsSent) + "; other sizes by the CPU: " + error.what());
  }
  return DecodeJpeg(jpeg);
}

std::unique_ptr<VideoDecoder> GpuDecoding::OpenOnCpu(const StreamFormat& format, const std::string& reason) {
  auto decoder = on_cpu_(format);
  Use(std::nullopt, reason);
  return decoder;
}

void GpuDecoding::Failed(const CudaError& error) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  // Failures far apart are not one trouble.
  if (now - last_failure_ > 2 * policy_.rest) failures_ = 0;
  last_failure_ = now;
  failure_ = error.what();
  switch (error.failure()) {
    case CudaFailure::kUnsupported:
      rest_until_ = Clock::time_point::max();
      return;
    case CudaFailure::kOutOfMemory:
      // Room is made by others, and that takes its time.
      rest_until_ = now + policy_.rest;
      return;
    case CudaFailure::kLost:
    case CudaFailure::kOther:
      if (++failures_ < policy_.tries) return;
      failures_ = 0;
      rest_until_ = now + policy_.rest;
  }
}

bool GpuDecoding::MayTryCard() const {
  const std::lock_guard lock(mutex_);
  return Clock::now() >= rest_until_;
}

void GpuDecoding::Use(std::optional<int> gpu, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (use_ && use_->gpu == gpu && use_->reason == reason) return;
  use_ = {gpu, std::move(reason), UnixMicroseconds()};
}

}  // namespace framewell
