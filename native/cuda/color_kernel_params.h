// What the host hands to the kernels of color_kernels.cu. Compiled for the card too, where there is no C++ library.
#pragma once

namespace framewell {

// Passed by value. Pointers are the card's.
struct JfifKernelParams {
  // NV12 or P016: luma, then Cb and Cr in pairs at half the size both ways.
  const unsigned char* luma;
  const unsigned char* chroma;
  // Planar 4:2:0, 8 bits.
  unsigned char* out_luma;
  unsigned char* out_cb;
  unsigned char* out_cr;
  // Bytes from row to row.
  int source_pitch;
  int out_luma_pitch;
  int out_chroma_pitch;
  // Luma samples of the source and of the target.
  int source_width, source_height;
  int width, height;
  // 2 for P016, whose samples fill 16 bits from the top.
  int bytes_per_sample;

  // Y' = y_y Y + y_cb Cb + y_cr Cr + y_offset, Cb' = 128 + cb_cb Cb + cb_cr Cr and likewise Cr', in 8-bit levels with
  // Cb and Cr taken about 128.
  float y_y, y_cb, y_cr, y_offset;
  float cb_cb, cb_cr;
  float cr_cb, cr_cr;

  // Scaling only: target pixel x covers the source from left + x * step_x to left + (x + 1) * step_x.
  float left, top;
  float step_x, step_y;
  // How far chroma samples lie left of the middle of their luma samples, in chroma samples: 0.25 when they are sited
  // left (H.264 and H.265's default), 0 in the centre.
  float chroma_shift_x;
};

}  // namespace framewell
