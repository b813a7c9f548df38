#include "cuda/nvdec_caps.h"

#include <string>

namespace framewell {
namespace {

std::string Size(unsigned width, unsigned height) { return std::to_string(width) + "x" + std::to_string(height); }

const char* ChromaName(cudaVideoChromaFormat chroma) {
  switch (chroma) {
    case cudaVideoChromaFormat_Monochrome:
      return "monochrome";
    case cudaVideoChromaFormat_420:
      return "4:2:0";
    case cudaVideoChromaFormat_422:
      return "4:2:2";
    default:
      return "4:4:4";
  }
}

}  // namespace

std::optional<cudaVideoCodec> NvdecCodec(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_H264:
      return cudaVideoCodec_H264;
    case AV_CODEC_ID_HEVC:
      return cudaVideoCodec_HEVC;
    case AV_CODEC_ID_AV1:
      return cudaVideoCodec_AV1;
    case AV_CODEC_ID_MJPEG:
      return cudaVideoCodec_JPEG;
    default:
      return std::nullopt;
  }
}

void RequireNvdec(const CudaContext& context, const CUVIDEOFORMAT& format) {
  const auto refuse = [&](const std::string& what) {
    throw CudaError(CudaFailure::kUnsupported, "GPU " + std::to_string(context.ordinal()) + " cannot decode " + what);
  };
  const std::string kind =
      std::to_string(format.bit_depth_luma_minus8 + 8) + "-bit " + ChromaName(format.chroma_format) + " of this codec";
  CUVIDDECODECAPS caps = {};
  caps.eCodecType = format.codec;
  caps.eChromaFormat = format.chroma_format;
  caps.nBitDepthMinus8 = format.bit_depth_luma_minus8;
  context.Check(context.api().cuvid.get_decoder_caps(&caps), "cuvidGetDecoderCaps");
  // Frames are NV12 or P010 from here on.
  const bool fits = format.chroma_format == cudaVideoChromaFormat_420 && format.bit_depth_luma_minus8 <= 2;
  if (!caps.bIsSupported || !fits) refuse(kind);
  const unsigned output = format.bit_depth_luma_minus8 > 0 ? cudaVideoSurfaceFormat_P016 : cudaVideoSurfaceFormat_NV12;
  if (!(caps.nOutputFormatMask >> output & 1)) refuse(kind);
  const unsigned macroblocks = (format.coded_width + 15) / 16 * ((format.coded_height + 15) / 16);
  if (format.coded_width > caps.nMaxWidth || format.coded_height > caps.nMaxHeight || macroblocks > caps.nMaxMBCount ||
      format.coded_width < caps.nMinWidth || format.coded_height < caps.nMinHeight) {
    refuse(Size(format.coded_width, format.coded_height) + "; it does " + Size(caps.nMinWidth, caps.nMinHeight) +
           " to " + Size(caps.nMaxWidth, caps.nMaxHeight));
  }
}

}  // namespace framewell
