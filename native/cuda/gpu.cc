#include "cuda/gpu.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "cuda/nvdec_decoder.h"
#include "cuda/nvjpeg_encoder.h"

namespace framewell {
namespace {

// Absent where the driver does not tell, as in a container: NVML knows processes by the host's numbers.
std::optional<unsigned long long> MemoryOfThisProcess(nvml::DeviceGetProcesses* get_processes, nvml::Device device) {
  std::array<nvml::ProcessInfo, 64> processes = {};
  unsigned count = processes.size();
  if (!get_processes || get_processes(device, &count, processes.data()) != nvml::kSuccess) return std::nullopt;
  constexpr unsigned long long kUnknown = ~0ULL;
  for (unsigned i = 0; i < count; ++i) {
    if (processes[i].pid != static_cast<unsigned>(getpid())) continue;
    if (processes[i].memory_bytes != kUnknown) return processes[i].memory_bytes;
  }
  return std::nullopt;
}

}  // namespace

int OrdinalOf(const DeviceFrame& frame) { return frame.ordinal(); }
size_t BytesOf(const DeviceFrame& frame) { return frame.bytes(); }

// Counts itself among the card's decoders.
class Gpu::CountedDecoder final : public VideoDecoder {
 public:
  CountedDecoder(std::shared_ptr<Gpu> gpu, std::unique_ptr<VideoDecoder> decoder)
      : gpu_(std::move(gpu)), decoder_(std::move(decoder)) {
    const std::lock_guard lock(gpu_->mutex_);
    ++gpu_->decoders_;
  }
  ~CountedDecoder() override {
    decoder_.reset();
    const std::lock_guard lock(gpu_->mutex_);
    --gpu_->decoders_;
  }

  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override { return decoder_->Decode(unit, effort); }
  DecodeResult Drain() override { return decoder_->Drain(); }
  void Flush() override { decoder_->Flush(); }

 private:
  const std::shared_ptr<Gpu> gpu_;
  std::unique_ptr<VideoDecoder> decoder_;
};

Gpu::Gpu(std::shared_ptr<const DriverApi> api, int ordinal) : api_(std::move(api)), ordinal_(ordinal) {}

Gpu::~Gpu() = default;

size_t Gpu::decoders() const {
  const std::lock_guard lock(mutex_);
  return decoders_;
}

std::unique_ptr<VideoDecoder> Gpu::OpenDecoder(AVCodecID codec) {
  return std::make_unique<CountedDecoder>(shared_from_this(), std::make_unique<NvdecDecoder>(Context(), codec));
}

std::shared_ptr<CudaContext> Gpu::Context() {
  const std::lock_guard lock(mutex_);
  DropLostContext();
  if (context_) return context_;
  // To retain it now would give the same broken one back.
  if (!lost_context_.expired()) {
    throw CudaError(CudaFailure::kLost,
                    "GPU " + std::to_string(ordinal_) + " was lost, and what was on it is not let go of yet");
  }
  try {
    context_ = std::make_shared<CudaContext>(api_, ordinal_);
    unavailable_.clear();
  } catch (const CudaError& error) {
    unavailable_ = error.what();
    throw;
  }
  return context_;
}

void Gpu::DropLostContext() {
  if (!context_ || !context_->lost()) return;
  ++times_lost_;
  unavailable_ = "GPU " + std::to_string(ordinal_) + " was lost";
  idle_encoders_.clear();
  idle_jpeg_decoders_.clear();
  context_->holders()->LetAllGo();
  lost_context_ = std::exchange(context_, nullptr);
}

DecodeResult Gpu::DecodeJpeg(const AccessUnitPtr& jpeg) {
  // Between pictures they are the card's, which lets go of them when it is lost: their cameras might not notice.
  std::unique_ptr<NvdecDecoder> decoder = BorrowJpegDecoder();
  DecodeResult result = decoder->Decode(jpeg, VideoDecoder::Effort::kEvery);
  const std::lock_guard lock(mutex_);
  if (decoder->context() == context_) idle_jpeg_decoders_.push_back(std::move(decoder));
  return result;
}

std::unique_ptr<NvdecDecoder> Gpu::BorrowJpegDecoder() {
  std::shared_ptr<CudaContext> context = Context();
  {
    const std::lock_guard lock(mutex_);
    if (!idle_jpeg_decoders_.empty()) {
      std::unique_ptr<NvdecDecoder> decoder = std::move(idle_jpeg_decoders_.back());
      idle_jpeg_decoders_.pop_back();
      return decoder;
    }
  }
  return std::make_unique<NvdecDecoder>(std::move(context), AV_CODEC_ID_MJPEG);
}

JpegBytes Gpu::Encode(const DeviceFrame& frame, const JpegOptions& options) {
  const std::shared_ptr<CudaContext> context = frame.memory()->context();
  try {
    std::unique_ptr<NvjpegEncoder> encoder = BorrowEncoder(context);
    JpegBytes jpeg = encoder->Encode(frame, options);
    // Not after an error: what state the encoder is in then is nobody's business.
    ReturnEncoder(std::move(encoder));
    return jpeg;
  } catch (const EngineError& error) {
    const std::lock_guard lock(mutex_);
    DropLostContext();
    if (context->lost()) throw;
    ++encodes_on_cpu_;
    encode_failure_ = error.what();
  }
  return JpegEncoder().Encode(*Download(frame), options);
}

std::unique_ptr<NvjpegEncoder> Gpu::BorrowEncoder(const std::shared_ptr<CudaContext>& context) {
  {
    const std::lock_guard lock(mutex_);
    if (context == context_ && !idle_encoders_.empty()) {
      std::unique_ptr<NvjpegEncoder> encoder = std::move(idle_encoders_.back());
      idle_encoders_.pop_back();
      return encoder;
    }
  }
  return std::make_unique<NvjpegEncoder>(context);
}

void Gpu::ReturnEncoder(std::unique_ptr<NvjpegEncoder> encoder) {
  const std::lock_guard lock(mutex_);
  if (encoder->context() == context_) idle_encoders_.push_back(std::move(encoder));
}

GpuStatus Gpu::status() const {
  GpuStatus status;
  std::shared_ptr<CudaContext> context;
  {
    const std::lock_guard lock(mutex_);
    context = context_;
    status.unavailable = unavailable_;
    status.decoders = decoders_;
    status.times_lost = times_lost_;
    status.encodes_on_cpu = encodes_on_cpu_;
    status.encode_failure = encode_failure_;
  }
  status.ordinal = ordinal_;
  if (context) {
    // Not this one and the card's own.
    status.context_users = static_cast<size_t>(context.use_count()) - 2;
    try {
      const CudaContext::Memory memory = context->memory();
      status.memory_free = memory.free;
      status.memory_total = memory.total;
    } catch (const CudaError& error) {
      status.unavailable = error.what();
    }
  }
  AddSensors(status);
  return status;
}

void Gpu::AddSensors(GpuStatus& status) const {
  CUdevice device = 0;
  if (api_->cuda.device_get(&device, ordinal_) != CUDA_SUCCESS) return;
  char text[256] = {};
  if (api_->cuda.device_get_name(text, sizeof text, device) == CUDA_SUCCESS) status.name = text;
  if (api_->cuda.device_get_pci_bus_id(text, sizeof text, device) == CUDA_SUCCESS) status.pci_bus_id = text;
  if (!api_->has_nvml) return;
  const auto& nvml = api_->nvml;
  if (nvml.system_get_driver_version(text, sizeof text) == nvml::kSuccess) status.driver_version = text;
  // NVML numbers the cards in another order, so the bus tells which is meant.
  nvml::Device sensors = nullptr;
  if (nvml.device_get_handle(status.pci_bus_id.c_str(), &sensors) != nvml::kSuccess) return;
  status.memory_of_process = MemoryOfThisProcess(nvml.device_get_processes, sensors);
  nvml::Utilization busy = {};
  unsigned value = 0;
  unsigned period_us = 0;
  if (nvml.device_get_utilization(sensors, &busy) == nvml::kSuccess) status.utilization = busy.gpu;
  if (nvml.device_get_decoder_utilization(sensors, &value, &period_us) == nvml::kSuccess) {
    status.decoder_utilization = value;
  }
  if (nvml.device_get_encoder_utilization(sensors, &value, &period_us) == nvml::kSuccess) {
    status.encoder_utilization = value;
  }
  if (nvml.device_get_temperature(sensors, nvml::kGpuSensor, &value) == nvml::kSuccess) status.temperature = value;
}

}  // namespace framewell
