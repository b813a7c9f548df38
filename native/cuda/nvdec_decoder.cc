#include "cuda/nvdec_decoder.h"

#include <string>
#include <utility>

#include "cuda/nvdec_caps.h"

namespace framewell {
namespace {

cudaVideoCodec RequireCodec(AVCodecID codec) {
  if (const auto known = NvdecCodec(codec)) return *known;
  throw CudaError(CudaFailure::kUnsupported, std::string("NVDEC does not take ") + avcodec_get_name(codec));
}

}  // namespace

NvdecDecoder::NvdecDecoder(std::shared_ptr<CudaContext> context, AVCodecID codec)
    : context_(std::move(context)), codec_(RequireCodec(codec)), surfaces_(context_) {
  const CudaScope scope(*context_);
  OpenParser();
}

NvdecDecoder::~NvdecDecoder() {
  try {
    const CudaScope scope(*context_);
    CloseParser();
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
  surfaces_.Begin(format);
  left_out_.assign(format.min_num_decode_surfaces, false);
  return format.min_num_decode_surfaces;
}

void NvdecDecoder::Submit(CUVIDPICPARAMS& picture) {
  saw_picture_ = true;
  const bool leave_out = effort_ == Effort::kReferencesOnly && !picture.ref_pic_flag;
  left_out_.at(picture.CurrPicIdx) = leave_out;
  if (leave_out) return;
  surfaces_.Decode(picture);
}

void NvdecDecoder::Show(const CUVIDPARSERDISPINFO& shown) {
  // AV1 7.21: a unit may do no more than show a picture that was decoded before.
  saw_picture_ = true;
  // Nothing after a damaged picture is shown.
  if (left_out_.at(shown.picture_index) || !result_.damage.empty()) return;
  PresentationOrder::Shown unit = {};
  if (!order_.Find(shown.timestamp, unit)) return;
  std::shared_ptr<DeviceFrame> frame = surfaces_.CopyOut(shown);
  if (!surfaces_.DecodedCleanly(shown.picture_index)) {
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

}  // namespace framewell
