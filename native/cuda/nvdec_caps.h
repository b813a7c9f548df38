// What a card's decoder engines can do with a stream.
#pragma once

#include <optional>

#include "cuda/cuda_context.h"
#include "ffmpeg_handles.h"

namespace framewell {

// Absent for codecs whose pictures do not go through the card.
std::optional<cudaVideoCodec> NvdecCodec(AVCodecID codec);

// Throws CudaError kUnsupported, in words, when the card cannot decode this. Needs a CudaScope.
void RequireNvdec(const CudaContext& context, const CUVIDEOFORMAT& format);

}  // namespace framewell
