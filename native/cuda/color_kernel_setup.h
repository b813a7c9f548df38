// Fills in what the kernels compute with: colour from the source, geometry from what is asked for.
#pragma once

#include "cuda/color_kernel_params.h"
#include "jpeg/color_space.h"
#include "jpeg/framing.h"

namespace framewell {

// `depth` is how many of P016's 16 bits count; 8 for NV12. The CPU's converter has the same coefficients.
void SetColor(JfifKernelParams& params, PictureColor source, int depth);

// For framewell_scale. framewell_convert takes the whole picture at its size and needs none.
void SetRegion(JfifKernelParams& params, const Framing& framing);

}  // namespace framewell
