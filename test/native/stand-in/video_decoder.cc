// cuvid's decoder: surfaces, the limit on mapped ones, what a card can do.
#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_nvcuvid.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "coded_picture.h"
#include "stand_in.h"

namespace stand_in {
namespace {

constexpr size_t kPitchAlignment = 512;

CUresult Result(int code) { return static_cast<CUresult>(code); }

// Below 0: not at all.
int MostBitsMinus8(cudaVideoCodec codec) {
  switch (codec) {
    case cudaVideoCodec_H264:
    case cudaVideoCodec_JPEG:
      return 0;
    case cudaVideoCodec_HEVC:
    case cudaVideoCodec_AV1:
      return 2;
    default:
      return -1;
  }
}

class Decoder {
 public:
  explicit Decoder(const CUVIDDECODECREATEINFO& info)
      : max_width_(info.ulMaxWidth), max_height_(info.ulMaxHeight), outputs_(info.ulNumOutputSurfaces) {
    bytes_per_sample_ = info.OutputFormat == cudaVideoSurfaceFormat_P016 ? 2 : 1;
    Shape(info.ulWidth, info.ulHeight, info.ulTargetWidth, info.ulTargetHeight, info.ulNumDecodeSurfaces);
    charged_ = max_width_ * max_height_ * 3 / 2 * bytes_per_sample_ * (info.ulNumDecodeSurfaces + outputs_);
    if (!Charge(charged_)) charged_ = 0;
  }
  ~Decoder() {
    if (!mapped_.empty()) Violation("a decoder was destroyed with a picture mapped");
    for (unsigned char* surface : mapped_) Free(surface);
    Refund(charged_);
  }

  bool fits() const { return charged_ > 0; }

  CUresult Reconfigure(const CUVIDRECONFIGUREDECODERINFO& info) {
    if (info.ulWidth > max_width_ || info.ulHeight > max_height_) {
      Violation("a decoder was reconfigured beyond its maximum");
      return Result(kInvalidValue);
    }
    Shape(info.ulWidth, info.ulHeight, info.ulTargetWidth, info.ulTargetHeight, info.ulNumDecodeSurfaces);
    return CUDA_SUCCESS;
  }

  CUresult Decode(const CUVIDPICPARAMS& params) {
    const auto& picture = *reinterpret_cast<const CodedPicturePtr*>(params.pBitstreamData);
    if (params.CurrPicIdx < 0 || params.CurrPicIdx >= static_cast<int>(surfaces_.size())) {
      Violation("a picture was decoded into a surface that does not exist");
      return Result(kInvalidValue);
    }
    surfaces_[params.CurrPicIdx] = picture;
    return CUDA_SUCCESS;
  }

  CUresult Status(int index, CUVIDGETDECODESTATUS& status) const {
    std::memset(&status, 0, sizeof status);
    // A fault's code is the status that is told.
    const int fault = Fault("DecodeStatus");
    const bool damaged = surfaces_.at(index) && surfaces_[index]->damaged;
    status.decodeStatus = fault     ? static_cast<cuvidDecodeStatus>(fault)
                          : damaged ? cuvidDecodeStatus_Error_Concealed
                                    : cuvidDecodeStatus_Success;
    return CUDA_SUCCESS;
  }

  CUresult Map(int index, const CUVIDPROCPARAMS& params, unsigned long long* pointer, unsigned int* pitch) {
    if (!params.output_stream) Violation("a picture was mapped on the NULL stream");
    if (mapped_.size() >= outputs_) {
      Violation("more pictures were mapped than there are output surfaces");
      return Result(kInvalidValue);
    }
    const CodedPicturePtr picture = surfaces_.at(index);
    if (!picture || !picture->frame) {
      Violation("a picture was mapped that had not been decoded");
      return Result(kInvalidValue);
    }
    *pitch = static_cast<unsigned int>((width_ * bytes_per_sample_ / kPitchAlignment + 1) * kPitchAlignment);
    auto* const surface = static_cast<unsigned char*>(Allocate(size_t{*pitch} * height_ * 3 / 2));
    if (!surface) return Result(kOutOfMemory);
    Draw(*picture->frame, surface, *pitch);
    mapped_.push_back(surface);
    *pointer = reinterpret_cast<unsigned long long>(surface);
    return CUDA_SUCCESS;
  }

  CUresult Unmap(unsigned long long pointer) {
    auto* const surface = reinterpret_cast<unsigned char*>(pointer);
    if (std::erase(mapped_, surface) == 0) {
      Violation("a picture was unmapped that is not mapped");
      return Result(kInvalidValue);
    }
    Free(surface);
    return CUDA_SUCCESS;
  }

 private:
  void Shape(size_t width, size_t height, size_t target_width, size_t target_height, size_t surfaces) {
    if (target_width % 2 || target_height % 2) Violation("a decoder's target size is odd");
    if (width > max_width_ || height > max_height_) Violation("a decoder's size is beyond its maximum");
    width_ = target_width;
    height_ = target_height;
    surfaces_.assign(surfaces, nullptr);
  }

  template <typename Sample>
  void DrawSamples(const AVFrame& frame, unsigned char* surface, size_t pitch, int shift) const {
    const int columns = std::min(frame.width, static_cast<int>(width_));
    const int rows = std::min(frame.height, static_cast<int>(height_));
    const auto row_of = [&](int plane, int y) {
      return reinterpret_cast<const Sample*>(frame.data[plane] + y * frame.linesize[plane]);
    };
    for (int y = 0; y < rows; ++y) {
      auto* const out = reinterpret_cast<Sample*>(surface + y * pitch);
      for (int x = 0; x < columns; ++x) out[x] = static_cast<Sample>(row_of(0, y)[x] << shift);
    }
    for (int y = 0; y < rows / 2; ++y) {
      auto* const out = reinterpret_cast<Sample*>(surface + (height_ + y) * pitch);
      for (int x = 0; x < columns / 2; ++x) {
        out[2 * x] = static_cast<Sample>(row_of(1, y)[x] << shift);
        out[2 * x + 1] = static_cast<Sample>(row_of(2, y)[x] << shift);
      }
    }
  }

  void Draw(const AVFrame& frame, unsigned char* surface, size_t pitch) const {
    if (bytes_per_sample_ == 1) {
      DrawSamples<uint8_t>(frame, surface, pitch, 0);
    } else {
      DrawSamples<uint16_t>(frame, surface, pitch, 6);
    }
  }

  const size_t max_width_, max_height_, outputs_;
  size_t width_ = 0, height_ = 0;
  size_t bytes_per_sample_ = 1;
  size_t charged_ = 0;
  std::vector<CodedPicturePtr> surfaces_;
  std::vector<unsigned char*> mapped_;
};

}  // namespace
}  // namespace stand_in

using namespace stand_in;

extern "C" {

STAND_IN_EXPORT CUresult cuvidGetDecoderCaps(CUVIDDECODECAPS* caps) {
  if (const CUresult result = Enter("GetDecoderCaps")) return result;
  const bool supported = caps->eChromaFormat == cudaVideoChromaFormat_420 &&
                         static_cast<int>(caps->nBitDepthMinus8) <= MostBitsMinus8(caps->eCodecType) &&
                         // A fault here is a card that cannot do it.
                         Fault("CapsUnsupported") == 0;
  caps->bIsSupported = supported;
  if (!supported) return CUDA_SUCCESS;
  caps->nNumNVDECs = 1;
  caps->nOutputFormatMask = 1 << cudaVideoSurfaceFormat_NV12 | 1 << cudaVideoSurfaceFormat_P016;
  caps->nMaxWidth = caps->nMaxHeight = 4096;
  caps->nMaxMBCount = 65536;
  caps->nMinWidth = 48;
  caps->nMinHeight = 16;
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuvidCreateDecoder(CUvideodecoder* decoder, CUVIDDECODECREATEINFO* info) {
  if (const CUresult result = Enter("CreateDecoder")) return result;
  auto* const made = new Decoder(*info);
  if (!made->fits()) {
    delete made;
    return Result(kOutOfMemory);
  }
  *decoder = made;
  Register(made, "decoder");
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuvidDestroyDecoder(CUvideodecoder decoder) {
  const CUresult result = Enter("DestroyDecoder");
  if (Unregister(decoder, "decoder")) delete static_cast<Decoder*>(decoder);
  return result;
}

STAND_IN_EXPORT CUresult cuvidReconfigureDecoder(CUvideodecoder decoder, CUVIDRECONFIGUREDECODERINFO* info) {
  if (const CUresult result = Enter("ReconfigureDecoder")) return result;
  return static_cast<Decoder*>(decoder)->Reconfigure(*info);
}

STAND_IN_EXPORT CUresult cuvidDecodePicture(CUvideodecoder decoder, CUVIDPICPARAMS* params) {
  if (const CUresult result = Enter("DecodePicture")) return result;
  if (!IsRegistered(decoder, "decoder")) return Result(kInvalidHandle);
  return static_cast<Decoder*>(decoder)->Decode(*params);
}

STAND_IN_EXPORT CUresult cuvidGetDecodeStatus(CUvideodecoder decoder, int index, CUVIDGETDECODESTATUS* status) {
  if (const CUresult result = Enter("GetDecodeStatus")) return result;
  return static_cast<Decoder*>(decoder)->Status(index, *status);
}

STAND_IN_EXPORT CUresult cuvidMapVideoFrame64(CUvideodecoder decoder, int index, unsigned long long* pointer,
                                              unsigned int* pitch, CUVIDPROCPARAMS* params) {
  if (const CUresult result = Enter("MapVideoFrame")) return result;
  if (!IsRegistered(decoder, "decoder")) return Result(kInvalidHandle);
  return static_cast<Decoder*>(decoder)->Map(index, *params, pointer, pitch);
}

STAND_IN_EXPORT CUresult cuvidUnmapVideoFrame64(CUvideodecoder decoder, unsigned long long pointer) {
  const CUresult result = Enter("UnmapVideoFrame");
  const CUresult unmapped = static_cast<Decoder*>(decoder)->Unmap(pointer);
  return result ? result : unmapped;
}
}
