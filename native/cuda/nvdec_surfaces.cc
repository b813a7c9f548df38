#include "cuda/nvdec_surfaces.h"

#include <cstring>
#include <new>
#include <utility>

#include "cuda/nvdec_caps.h"

namespace framewell {
namespace {

// CUDA_ERROR_NOT_SUPPORTED: older cards do not tell how a picture went.
constexpr int kNotSupported = 801;
// Published pictures of a camera, those that are encoded meanwhile among them; for admission.
constexpr size_t kUsualFrames = 4;

int DisplayWidth(const CUVIDEOFORMAT& format) { return format.display_area.right - format.display_area.left; }
int DisplayHeight(const CUVIDEOFORMAT& format) { return format.display_area.bottom - format.display_area.top; }

// The output surface's sizes have to be even; 4:2:0's cropping is in steps of 2, so they are.
unsigned Even(int length) { return static_cast<unsigned>(length + 1) & ~1U; }

template <typename Area>
void SetArea(Area& area, const CUVIDEOFORMAT& format) {
  area.left = static_cast<short>(format.display_area.left);
  area.top = static_cast<short>(format.display_area.top);
  area.right = static_cast<short>(format.display_area.right);
  area.bottom = static_cast<short>(format.display_area.bottom);
}

size_t SurfaceBytes(const CUVIDEOFORMAT& format) {
  const size_t bytes_per_sample = format.bit_depth_luma_minus8 > 0 ? 2 : 1;
  return size_t{format.coded_width} * format.coded_height * 3 / 2 * bytes_per_sample;
}

bool HaveSameSurfaces(const CUVIDEOFORMAT& a, const CUVIDEOFORMAT& b) {
  return a.coded_width == b.coded_width && a.coded_height == b.coded_height &&
         a.bit_depth_luma_minus8 == b.bit_depth_luma_minus8 && a.min_num_decode_surfaces == b.min_num_decode_surfaces &&
         std::memcmp(&a.display_area, &b.display_area, sizeof a.display_area) == 0;
}

// Unmaps where a copy fails too.
class MappedPicture {
 public:
  MappedPicture(const CudaContext& context, CUvideodecoder decoder, int index, CUVIDPROCPARAMS& params)
      : context_(context), decoder_(decoder) {
    context.Check(context.api().cuvid.map_video_frame(decoder, index, &address_, &pitch_, &params),
                  "cuvidMapVideoFrame");
  }
  ~MappedPicture() { context_.api().cuvid.unmap_video_frame(decoder_, address_); }
  MappedPicture(const MappedPicture&) = delete;
  MappedPicture& operator=(const MappedPicture&) = delete;

  CUdeviceptr address() const { return address_; }
  unsigned pitch() const { return pitch_; }

 private:
  const CudaContext& context_;
  const CUvideodecoder decoder_;
  unsigned long long address_ = 0;
  unsigned pitch_ = 0;
};

}  // namespace

NvdecSurfaces::NvdecSurfaces(std::shared_ptr<CudaContext> context)
    : context_(std::move(context)), frames_(std::make_shared<DeviceFramePool>(context_)), stream_(context_) {}

NvdecSurfaces::~NvdecSurfaces() {
  try {
    const CudaScope scope(*context_);
    Destroy();
  } catch (const CudaError&) {
    // The context cannot be made current any more: its end takes everything along.
  }
}

void NvdecSurfaces::Begin(const CUVIDEOFORMAT& format) {
  RequireNvdec(*context_, format);
  if (!decoder_ || !HaveSameSurfaces(format, format_)) {
    if (CanReconfigure(format)) {
      Reconfigure(format);
    } else {
      Create(format);
    }
  }
  format_ = format;
}

bool NvdecSurfaces::CanReconfigure(const CUVIDEOFORMAT& format) const {
  return decoder_ && format.bit_depth_luma_minus8 == largest_.bit_depth_luma_minus8 &&
         format.coded_width <= largest_.coded_width && format.coded_height <= largest_.coded_height &&
         format.min_num_decode_surfaces <= largest_.min_num_decode_surfaces;
}

void NvdecSurfaces::Reconfigure(const CUVIDEOFORMAT& format) {
  CUVIDRECONFIGUREDECODERINFO info = {};
  info.ulWidth = format.coded_width;
  info.ulHeight = format.coded_height;
  info.ulTargetWidth = Even(DisplayWidth(format));
  info.ulTargetHeight = Even(DisplayHeight(format));
  info.ulNumDecodeSurfaces = format.min_num_decode_surfaces;
  SetArea(info.display_area, format);
  context_->Check(context_->api().cuvid.reconfigure_decoder(decoder_, &info), "cuvidReconfigureDecoder");
}

void NvdecSurfaces::Create(const CUVIDEOFORMAT& format) {
  Destroy();
  CUVIDDECODECREATEINFO info = {};
  info.CodecType = format.codec;
  info.ChromaFormat = format.chroma_format;
  info.OutputFormat = format.bit_depth_luma_minus8 > 0 ? cudaVideoSurfaceFormat_P016 : cudaVideoSurfaceFormat_NV12;
  info.bitDepthMinus8 = format.bit_depth_luma_minus8;
  info.DeinterlaceMode = cudaVideoDeinterlaceMode_Weave;
  info.ulCreationFlags = cudaVideoCreate_PreferCUVID;
  info.ulWidth = info.ulMaxWidth = format.coded_width;
  info.ulHeight = info.ulMaxHeight = format.coded_height;
  info.ulTargetWidth = Even(DisplayWidth(format));
  info.ulTargetHeight = Even(DisplayHeight(format));
  SetArea(info.display_area, format);
  // Each surface of a 1080p camera is 3 MiB: as few as the stream needs, and one that is mapped and copied at a time.
  info.ulNumDecodeSurfaces = format.min_num_decode_surfaces;
  info.ulNumOutputSurfaces = 1;
  context_->RequireMemory(SurfaceBytes(format) * (info.ulNumDecodeSurfaces + info.ulNumOutputSurfaces + kUsualFrames));
  context_->Check(context_->api().cuvid.create_decoder(&decoder_, &info), "cuvidCreateDecoder");
  largest_ = format;
}

void NvdecSurfaces::Destroy() {
  if (decoder_) context_->api().cuvid.destroy_decoder(std::exchange(decoder_, nullptr));
}

void NvdecSurfaces::Decode(CUVIDPICPARAMS& picture) {
  context_->Check(context_->api().cuvid.decode_picture(decoder_, &picture), "cuvidDecodePicture");
}

std::shared_ptr<DeviceFrame> NvdecSurfaces::CopyOut(const CUVIDPARSERDISPINFO& shown) {
  std::shared_ptr<DeviceFrame> frame = frames_->Take(Facts());
  CUVIDPROCPARAMS params = {};
  params.progressive_frame = shown.progressive_frame;
  params.second_field = shown.repeat_first_field + 1;
  params.top_field_first = shown.top_field_first;
  params.unpaired_field = shown.repeat_first_field < 0;
  params.output_stream = stream_.get();
  const MappedPicture mapped(*context_, decoder_, shown.picture_index, params);
  const std::shared_ptr<const DeviceMemory> memory = frame->memory();
  const size_t surface_rows = Even(DisplayHeight(format_));
  for (int plane = 0; plane < 2; ++plane) {
    CUDA_MEMCPY2D copy = {};
    copy.srcMemoryType = copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
    copy.srcDevice = mapped.address() + (plane == 0 ? 0 : surface_rows * mapped.pitch());
    copy.srcPitch = mapped.pitch();
    copy.dstDevice = memory->RowAddress(plane == 0 ? 0 : frame->facts().height);
    copy.dstPitch = memory->pitch();
    copy.WidthInBytes = frame->row_bytes();
    copy.Height = plane == 0 ? frame->facts().height : (frame->facts().height + 1) / 2;
    context_->Check(context_->api().cuda.memcpy_2d_async(&copy, stream_.get()), "cuMemcpy2DAsync");
  }
  stream_.Synchronize();
  return frame;
}

bool NvdecSurfaces::DecodedCleanly(int picture_index) const {
  CUVIDGETDECODESTATUS status = {};
  const CUresult told = context_->api().cuvid.get_decode_status(decoder_, picture_index, &status);
  if (static_cast<int>(told) == kNotSupported) return true;
  context_->Check(told, "cuvidGetDecodeStatus");
  return status.decodeStatus != cuvidDecodeStatus_Error && status.decodeStatus != cuvidDecodeStatus_Error_Concealed;
}

AvFramePtr NvdecSurfaces::Facts() const {
  AvFramePtr facts(av_frame_alloc());
  if (!facts) throw std::bad_alloc();
  facts->format = format_.bit_depth_luma_minus8 > 0 ? AV_PIX_FMT_P010 : AV_PIX_FMT_NV12;
  facts->width = DisplayWidth(format_);
  facts->height = DisplayHeight(format_);
  if (format_.codec == cudaVideoCodec_JPEG) {
    // JFIF, whatever the parser makes of a format that has no words for it.
    facts->colorspace = AVCOL_SPC_BT470BG;
    facts->color_range = AVCOL_RANGE_JPEG;
  } else {
    const auto& signal = format_.video_signal_description;
    // FFmpeg numbers them as H.264 table E-5, H.265 table E.5 and AV1 6.4.2 do.
    facts->colorspace = static_cast<AVColorSpace>(signal.matrix_coefficients);
    facts->color_range = signal.video_full_range_flag ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  }
  const auto& aspect = format_.display_aspect_ratio;
  if (aspect.x > 0 && aspect.y > 0) {
    av_reduce(&facts->sample_aspect_ratio.num, &facts->sample_aspect_ratio.den, int64_t{aspect.x} * facts->height,
              int64_t{aspect.y} * facts->width, 1 << 16);
  }
  return facts;
}

}  // namespace framewell
