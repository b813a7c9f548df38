#include "cuda/nvdec_decoder.h"

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

cudaVideoCodec RequireCodec(AVCodecID codec) {
  if (const auto known = NvdecCodec(codec)) return *known;
  throw CudaError(CudaFailure::kUnsupported, std::string("NVDEC does not take ") + avcodec_get_name(codec));
}

}  // namespace

NvdecDecoder::NvdecDecoder(std::shared_ptr<CudaContext> context, AVCodecID codec)
    : context_(std::move(context)),
      codec_(RequireCodec(codec)),
      frames_(std::make_shared<DeviceFramePool>(context_)),
      stream_(context_) {
  const CudaScope scope(*context_);
  OpenParser();
}

NvdecDecoder::~NvdecDecoder() {
  try {
    const CudaScope scope(*context_);
    CloseParser();
    DestroyDecoder();
  } catch (const CudaError&) {
    // The context cannot be made current any more: its end takes everything along.
  }
}

void NvdecDecoder::OpenParser() {
  CUVIDPARSERPARAMS params = {};
  params.CodecType = codec_;
  // Until the sequence callback says how many there are.
  params.ulMaxNumDecodeSurfaces = 1;
  // Each picture comes out as soon as its turn has come. Pipelining it with the next would cost a frame of delay.
  params.ulMaxDisplayDelay = 0;
  params.pUserData = this;
  params.pfnSequenceCallback = OnSequence;
  params.pfnDecodePicture = OnDecode;
  params.pfnDisplayPicture = OnDisplay;
  context_->Check(context_->api().cuvid.create_video_parser(&parser_, &params), "cuvidCreateVideoParser");
}

void NvdecDecoder::CloseParser() {
  if (parser_) context_->api().cuvid.destroy_video_parser(std::exchange(parser_, nullptr));
}

void NvdecDecoder::DestroyDecoder() {
  if (decoder_) context_->api().cuvid.destroy_decoder(std::exchange(decoder_, nullptr));
}

DecodeResult NvdecDecoder::Decode(const AccessUnitPtr& unit, Effort effort) {
  order_.Submitted(*unit);
  effort_ = effort;
  saw_picture_ = false;
  CUVIDSOURCEDATAPACKET packet = {};
  // A whole picture: the parser need not wait for the next one's beginning to know.
  packet.flags = CUVID_PKT_ENDOFPICTURE | CUVID_PKT_TIMESTAMP;
  packet.payload = unit->bytes.data().data();
  packet.payload_size = unit->bytes.size();
  // Comes back with the picture and tells which unit it was.
  packet.timestamp = unit->sequence;
  DecodeResult result = Parse(packet);
  // The parser passes over what it does not understand, and pictures after it would refer to what is not there.
  if (!saw_picture_ && result.damage.empty()) result.damage = "The card's parser found no picture in an access unit";
  return result;
}

DecodeResult NvdecDecoder::Drain() {
  CUVIDSOURCEDATAPACKET packet = {};
  packet.flags = CUVID_PKT_ENDOFSTREAM;
  DecodeResult result = Parse(packet);
  Flush();
  return result;
}

// A new parser has no references and holds nothing back. The decoder stays for the next sequence of the same kind.
void NvdecDecoder::Flush() {
  const CudaScope scope(*context_);
  CloseParser();
  OpenParser();
}

DecodeResult NvdecDecoder::Parse(CUVIDSOURCEDATAPACKET packet) {
  const CudaScope scope(*context_);
  result_ = {};
  failure_ = nullptr;
  const CUresult parsed = context_->api().cuvid.parse_video_data(parser_, &packet);
  if (failure_) std::rethrow_exception(failure_);
  context_->Check(parsed, "cuvidParseVideoData");
  return std::move(result_);
}

template <typename Work>
int NvdecDecoder::Guard(Work work) {
  // What follows a failure in the same call is not looked at.
  if (failure_) return 0;
  try {
    return work();
  } catch (...) {
    failure_ = std::current_exception();
    return 0;
  }
}

int NvdecDecoder::OnSequence(void* self, CUVIDEOFORMAT* format) {
  auto& decoder = *static_cast<NvdecDecoder*>(self);
  return decoder.Guard([&] { return decoder.BeginSequence(*format); });
}

int NvdecDecoder::OnDecode(void* self, CUVIDPICPARAMS* picture) {
  auto& decoder = *static_cast<NvdecDecoder*>(self);
  return decoder.Guard([&] {
    decoder.Submit(*picture);
    return 1;
  });
}

int NvdecDecoder::OnDisplay(void* self, CUVIDPARSERDISPINFO* shown) {
  // Null tells the end of the stream.
  if (!shown) return 1;
  auto& decoder = *static_cast<NvdecDecoder*>(self);
  return decoder.Guard([&] {
    decoder.Show(*shown);
    return 1;
  });
}

// The answer tells the parser how many surfaces it may name.
int NvdecDecoder::BeginSequence(const CUVIDEOFORMAT& format) {
  RequireNvdec(*context_, format);
  if (!decoder_ || !HaveSameSurfaces(format, format_)) {
    if (CanReconfigure(format)) {
      Reconfigure(format);
    } else {
      CreateDecoder(format);
    }
  }
  format_ = format;
  left_out_.assign(format.min_num_decode_surfaces, false);
  return format.min_num_decode_surfaces;
}

bool NvdecDecoder::CanReconfigure(const CUVIDEOFORMAT& format) const {
  return decoder_ && format.bit_depth_luma_minus8 == largest_.bit_depth_luma_minus8 &&
         format.coded_width <= largest_.coded_width && format.coded_height <= largest_.coded_height &&
         format.min_num_decode_surfaces <= largest_.min_num_decode_surfaces;
}

void NvdecDecoder::Reconfigure(const CUVIDEOFORMAT& format) {
  CUVIDRECONFIGUREDECODERINFO info = {};
  info.ulWidth = format.coded_width;
  info.ulHeight = format.coded_height;
  info.ulTargetWidth = Even(DisplayWidth(format));
  info.ulTargetHeight = Even(DisplayHeight(format));
  info.ulNumDecodeSurfaces = format.min_num_decode_surfaces;
  SetArea(info.display_area, format);
  context_->Check(context_->api().cuvid.reconfigure_decoder(decoder_, &info), "cuvidReconfigureDecoder");
}

void NvdecDecoder::CreateDecoder(const CUVIDEOFORMAT& format) {
  DestroyDecoder();
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

void NvdecDecoder::Submit(CUVIDPICPARAMS& picture) {
  saw_picture_ = true;
  const bool leave_out = effort_ == Effort::kReferencesOnly && !picture.ref_pic_flag;
  left_out_.at(picture.CurrPicIdx) = leave_out;
  if (leave_out) return;
  context_->Check(context_->api().cuvid.decode_picture(decoder_, &picture), "cuvidDecodePicture");
}

void NvdecDecoder::Show(const CUVIDPARSERDISPINFO& shown) {
  // Nothing after a damaged picture is shown.
  if (left_out_.at(shown.picture_index) || !result_.damage.empty()) return;
  PresentationOrder::Shown unit = {};
  if (!order_.Find(shown.timestamp, unit)) return;
  std::shared_ptr<DeviceFrame> frame = CopyOut(shown);
  if (!DecodedCleanly(shown.picture_index)) {
    result_.damage = "The card's decoder found errors in a picture";
    return;
  }
  auto picture = std::make_shared<Picture>();
  picture->display = DisplaySize(frame->facts());
  picture->device = std::move(frame);
  picture->sequence = unit.sequence;
  picture->pts_us = unit.pts_us;
  picture->received_unix_us = unit.received_unix_us;
  picture->capture_unix_us = unit.capture_unix_us;
  result_.pictures.push_back(std::move(picture));
}

// The one output surface is free again when this returns.
std::shared_ptr<DeviceFrame> NvdecDecoder::CopyOut(const CUVIDPARSERDISPINFO& shown) {
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

bool NvdecDecoder::DecodedCleanly(int picture_index) const {
  CUVIDGETDECODESTATUS status = {};
  const CUresult told = context_->api().cuvid.get_decode_status(decoder_, picture_index, &status);
  if (static_cast<int>(told) == kNotSupported) return true;
  context_->Check(told, "cuvidGetDecodeStatus");
  return status.decodeStatus != cuvidDecodeStatus_Error && status.decodeStatus != cuvidDecodeStatus_Error_Concealed;
}

AvFramePtr NvdecDecoder::Facts() const {
  AvFramePtr facts(av_frame_alloc());
  if (!facts) throw std::bad_alloc();
  facts->format = format_.bit_depth_luma_minus8 > 0 ? AV_PIX_FMT_P010 : AV_PIX_FMT_NV12;
  facts->width = DisplayWidth(format_);
  facts->height = DisplayHeight(format_);
  const auto& signal = format_.video_signal_description;
  // FFmpeg numbers them as H.264 table E-5 does.
  facts->colorspace = static_cast<AVColorSpace>(signal.matrix_coefficients);
  facts->color_range = signal.video_full_range_flag ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  const auto& aspect = format_.display_aspect_ratio;
  if (aspect.x > 0 && aspect.y > 0) {
    av_reduce(&facts->sample_aspect_ratio.num, &facts->sample_aspect_ratio.den, int64_t{aspect.x} * facts->height,
              int64_t{aspect.y} * facts->width, 1 << 16);
  }
  return facts;
}

}  // namespace framewell
