#include "cuda/nvjpeg_encoder.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include "cuda/color_kernel_setup.h"

namespace framewell {

NvjpegEncoder::NvjpegEncoder(std::shared_ptr<CudaContext> context) : context_(std::move(context)), stream_(context_) {
  const CudaScope scope(*context_);
  const auto& jpeg = context_->api().jpeg;
  try {
    Check(jpeg.create(&handle_), "nvjpegCreateSimple");
    Check(jpeg.encoder_state_create(handle_, &state_, stream_.get()), "nvjpegEncoderStateCreate");
    Check(jpeg.encoder_params_create(handle_, &params_, stream_.get()), "nvjpegEncoderParamsCreate");
    Check(jpeg.set_sampling_factors(params_, nvjpeg::kCss420, stream_.get()), "nvjpegEncoderParamsSetSamplingFactors");
  } catch (...) {
    Destroy();
    throw;
  }
}

NvjpegEncoder::~NvjpegEncoder() {
  try {
    const CudaScope scope(*context_);
    Destroy();
  } catch (const CudaError&) {
    // The context cannot be made current any more: its end takes everything along.
  }
}

void NvjpegEncoder::Destroy() {
  const auto& jpeg = context_->api().jpeg;
  if (params_) jpeg.encoder_params_destroy(std::exchange(params_, nullptr));
  if (state_) jpeg.encoder_state_destroy(std::exchange(state_, nullptr));
  if (handle_) jpeg.destroy(std::exchange(handle_, nullptr));
}

JpegBytes NvjpegEncoder::Encode(const DeviceFrame& frame, const JpegOptions& options) {
  const CudaScope scope(*context_);
  const AVFrame& facts = frame.facts();
  const Framing framing = ChooseFraming({facts.width, facts.height}, DisplaySize(facts), options);
  ReservePlanes(framing.target);
  // Until the encode is done with it.
  const std::shared_ptr<const DeviceMemory> memory = frame.memory();
  MakePlanes(frame, *memory, framing);
  return Compress(framing.target, options.quality);
}

void NvjpegEncoder::ReservePlanes(PictureSize size) {
  if (size.width <= capacity_.width && size.height <= capacity_.height) return;
  const PictureSize larger = {std::max(size.width, capacity_.width), std::max(size.height, capacity_.height)};
  const PictureSize chroma = ChromaSize(larger);
  capacity_ = {0, 0};
  for (int i = 0; i < 3; ++i) {
    const PictureSize plane = i == 0 ? larger : chroma;
    planes_[i].reset();
    planes_[i] = std::make_unique<DeviceMemory>(context_, plane.width, plane.height);
  }
  capacity_ = larger;
}

void NvjpegEncoder::MakePlanes(const DeviceFrame& frame, const DeviceMemory& memory, const Framing& framing) {
  const AVFrame& facts = frame.facts();
  JfifKernelParams params = {};
  params.luma = memory.RowPointer(0);
  params.chroma = memory.RowPointer(facts.height);
  params.out_luma = planes_[0]->RowPointer(0);
  params.out_cb = planes_[1]->RowPointer(0);
  params.out_cr = planes_[2]->RowPointer(0);
  params.source_pitch = static_cast<int>(memory.pitch());
  params.out_luma_pitch = static_cast<int>(planes_[0]->pitch());
  params.out_chroma_pitch = static_cast<int>(planes_[1]->pitch());
  params.source_width = facts.width;
  params.source_height = facts.height;
  params.width = framing.target.width;
  params.height = framing.target.height;
  params.bytes_per_sample = frame.bytes_per_sample();
  SetColor(params, ResolveColor(facts), params.bytes_per_sample == 1 ? 8 : 10);
  const PictureSize samples = {facts.width, facts.height};
  const bool as_it_is = framing == Framing{WholeRegion(samples), samples};
  if (!as_it_is) SetRegion(params, framing);
  context_->Launch(as_it_is ? CudaContext::Kernel::kConvert : CudaContext::Kernel::kScale, params, stream_.get());
}

JpegBytes NvjpegEncoder::Compress(PictureSize size, int quality) {
  const auto& jpeg = context_->api().jpeg;
  nvjpeg::Image image = {};
  for (int i = 0; i < 3; ++i) {
    image.channel[i] = planes_[i]->RowPointer(0);
    image.pitch[i] = planes_[i]->pitch();
  }
  Check(jpeg.set_quality(params_, quality, stream_.get()), "nvjpegEncoderParamsSetQuality");
  Check(jpeg.encode_yuv(handle_, state_, params_, &image, nvjpeg::kCss420, size.width, size.height, stream_.get()),
        "nvjpegEncodeYUV");
  size_t length = 0;
  Check(jpeg.retrieve_bitstream(handle_, state_, nullptr, &length, stream_.get()), "nvjpegEncodeRetrieveBitstream");
  JpegBytes::Buffer bytes(static_cast<uint8_t*>(std::malloc(length)));
  if (!bytes) throw std::bad_alloc();
  Check(jpeg.retrieve_bitstream(handle_, state_, bytes.get(), &length, stream_.get()), "nvjpegEncodeRetrieveBitstream");
  // The bytes are on their way until then.
  stream_.Synchronize();
  return JpegBytes(std::move(bytes), length);
}

// nvJPEG does not tell a lost context from a failure of its own, but the stream does.
void NvjpegEncoder::Check(nvjpeg::Status status, const char* function) const {
  if (status == nvjpeg::kSuccess) return;
  stream_.Synchronize();
  const std::string message = std::string(function) + " failed (" + std::to_string(status) + ")";
  if (status == nvjpeg::kAllocatorFailure) throw CudaError(CudaFailure::kOutOfMemory, message);
  throw EngineError("ERR_ENCODE_FAILED", message);
}

}  // namespace framewell
