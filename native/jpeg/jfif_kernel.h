// The conversion that nearly every camera's picture needs before it can be a JPEG: 8-bit YCbCr of
// any matrix and range to JFIF's full-range BT.601, row by row, without leaving YCbCr.
#pragma once

#include <cstdint>

#include "jpeg/color_space.h"

namespace framewell {

// The affine map Y' = (1 + y_y) Y + y_cb Cb + y_cr Cr + y_offset, and likewise Cb' and Cr', with Cb
// and Cr taken about 128. Factors are in 1/32768: the diagonal ones hold what exceeds 1, so that
// all fit 16 bits. The offset is in 1/64 level.
struct JfifCoefficients {
  int16_t y_y, y_cb, y_cr, y_offset;
  int16_t cb_cb, cb_cr;
  int16_t cr_cb, cr_cr;
};

// `source.matrix` is any but kRgb.
JfifCoefficients CoefficientsToJfif(PictureColor source);

// One chroma row of `width` samples. Also fills `luma_terms`, 2 * `width` long: what these samples
// add to each luma sample above them, in 1/64 level.
void ConvertChromaRow(const JfifCoefficients& coefficients, const uint8_t* cb, const uint8_t* cr, int width,
                      uint8_t* out_cb, uint8_t* out_cr, int16_t* luma_terms);

// One luma row of `width` samples; with 4:2:0, two rows share their chroma row's `luma_terms`.
void ConvertLumaRow(const JfifCoefficients& coefficients, const uint8_t* luma, const int16_t* luma_terms, int width,
                    uint8_t* out);

// NV12's interleaved chroma row, `width` samples of each kind, into two rows.
void SplitChromaRow(const uint8_t* interleaved, int width, uint8_t* cb, uint8_t* cr);

}  // namespace framewell
