#include "cuda/color_kernel_setup.h"

#include "jpeg/jfif_kernel.h"

namespace framewell {
namespace {

// Samples lie at the top of 16 bits, so that limited range means the same in every depth. Full range does not: its
// white is all of the depth's bits, which is a little less than 256 levels' 255.
double FullRangeScale(int depth) { return 255.0 * (1 << (depth - 8)) / ((1 << depth) - 1); }

}  // namespace

void SetColor(JfifKernelParams& params, PictureColor source, int depth) {
  const JfifCoefficients fixed = CoefficientsToJfif(source);
  const double scale = source.full_range ? FullRangeScale(depth) : 1;
  const auto factor = [&](int16_t value, double whole) {
    return static_cast<float>((whole + value / 32768.0) * scale);
  };
  params.y_y = factor(fixed.y_y, 1);
  params.y_cb = factor(fixed.y_cb, 0);
  params.y_cr = factor(fixed.y_cr, 0);
  params.y_offset = static_cast<float>(fixed.y_offset / 64.0);
  params.cb_cb = factor(fixed.cb_cb, 1);
  params.cb_cr = factor(fixed.cb_cr, 0);
  params.cr_cb = factor(fixed.cr_cb, 0);
  params.cr_cr = factor(fixed.cr_cr, 1);
}

void SetRegion(JfifKernelParams& params, const Framing& framing) {
  params.left = static_cast<float>(framing.region.left);
  params.top = static_cast<float>(framing.region.top);
  params.step_x = static_cast<float>(framing.region.width / framing.target.width);
  params.step_y = static_cast<float>(framing.region.height / framing.target.height);
  // H.264 E.2.1, H.265 E.3.1: sited left unless the stream says otherwise, which the driver does not pass on.
  params.chroma_shift_x = 0.25F;
}

}  // namespace framewell
