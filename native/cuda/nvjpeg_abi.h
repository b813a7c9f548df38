// The part of nvJPEG that encodes from YUV planes. Written from NVIDIA's nvJPEG documentation ("nvJPEG API Reference",
// CUDA Toolkit 11 to 13), since the toolkit's header may be missing where this is built. The numbers and layouts are
// the library's binary interface, the same in libnvjpeg.so.11, .12 and .13.
#pragma once

#include <ffnvcodec/dynlink_cuda.h>

#include <cstddef>

namespace framewell::nvjpeg {

using Handle = struct HandleTag*;
using EncoderState = struct EncoderStateTag*;
using EncoderParams = struct EncoderParamsTag*;

// nvjpegStatus_t. Others are failures that nothing here tells apart.
enum Status : int { kSuccess = 0, kAllocatorFailure = 5, kExecutionFailed = 6 };

// nvjpegChromaSubsampling_t.
enum ChromaSubsampling : int { kCss420 = 2 };

// nvjpegImage_t: device pointers and bytes from row to row.
struct Image {
  unsigned char* channel[4];
  size_t pitch[4];
};
static_assert(sizeof(Image) == 64);

using Create = Status(Handle*);
using Destroy = Status(Handle);
using EncoderStateCreate = Status(Handle, EncoderState*, CUstream);
using EncoderStateDestroy = Status(EncoderState);
using EncoderParamsCreate = Status(Handle, EncoderParams*, CUstream);
using EncoderParamsDestroy = Status(EncoderParams);
// 1 to 100, libjpeg's scale.
using EncoderParamsSetQuality = Status(EncoderParams, int, CUstream);
using EncoderParamsSetSamplingFactors = Status(EncoderParams, ChromaSubsampling, CUstream);
using EncodeYuv = Status(Handle, EncoderState, EncoderParams, const Image*, ChromaSubsampling, int width, int height,
                         CUstream);
// With a null pointer only tells the length.
using EncodeRetrieveBitstream = Status(Handle, EncoderState, unsigned char*, size_t*, CUstream);

}  // namespace framewell::nvjpeg
