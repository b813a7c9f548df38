// NV12 or P016 of any matrix and range to what a JPEG is made of: 8-bit planar 4:2:0, full-range BT.601 (JFIF).
//
// Compiled to PTX by scripts/build-kernels.mjs, and for the CPU by whoever defines FRAMEWELL_KERNEL and
// FRAMEWELL_THREAD_X and _Y first. Each thread makes one chroma sample and the four luma samples around it.
#include "cuda/color_kernel_params.h"

#ifndef FRAMEWELL_KERNEL
#define FRAMEWELL_KERNEL extern "C" __attribute__((global)) void
#define FRAMEWELL_DEVICE __attribute__((device)) inline
#define FRAMEWELL_THREAD_X \
  (__nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() + __nvvm_read_ptx_sreg_tid_x())
#define FRAMEWELL_THREAD_Y \
  (__nvvm_read_ptx_sreg_ctaid_y() * __nvvm_read_ptx_sreg_ntid_y() + __nvvm_read_ptx_sreg_tid_y())
#endif

namespace framewell {

struct Chroma {
  float cb, cr;  // About 0.
};

FRAMEWELL_DEVICE int Limit(int value, int most) { return value < 0 ? 0 : value > most ? most : value; }

FRAMEWELL_DEVICE unsigned char ToByte(float level) {
  const float rounded = level + 0.5f;
  return static_cast<unsigned char>(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
}

// In 8-bit levels.
FRAMEWELL_DEVICE float Load(const unsigned char* row, int index, int bytes_per_sample) {
  if (bytes_per_sample == 1) return row[index];
  return reinterpret_cast<const unsigned short*>(row)[index] * (1.0f / 256);
}

FRAMEWELL_DEVICE const unsigned char* Row(const unsigned char* plane, int y, int pitch) {
  return plane + static_cast<long long>(y) * pitch;
}

FRAMEWELL_DEVICE void StoreLuma(const JfifKernelParams& p, int x, int y, float luma, Chroma chroma) {
  p.out_luma[static_cast<long long>(y) * p.out_luma_pitch + x] =
      ToByte(p.y_y * luma + p.y_cb * chroma.cb + p.y_cr * chroma.cr + p.y_offset);
}

FRAMEWELL_DEVICE void StoreChroma(const JfifKernelParams& p, int x, int y, Chroma chroma) {
  const long long offset = static_cast<long long>(y) * p.out_chroma_pitch + x;
  p.out_cb[offset] = ToByte(128 + p.cb_cb * chroma.cb + p.cb_cr * chroma.cr);
  p.out_cr[offset] = ToByte(128 + p.cr_cb * chroma.cb + p.cr_cr * chroma.cr);
}

// A tent as wide as the scale needs, so that nothing aliases: one source sample to each side where nothing is scaled,
// more the smaller the target. What reaches beyond the picture counts for nothing.
struct Tent {
  float center;
  float slope;
  int first, last;

  FRAMEWELL_DEVICE float Weight(int index) const {
    const float distance = index + 0.5f - center;
    const float weight = 1 - (distance < 0 ? -distance : distance) * slope;
    return weight > 0 ? weight : 0;
  }
};

FRAMEWELL_DEVICE Tent TentAt(float center, float step, int length) {
  const float reach = step > 1 ? step : 1;
  return {center, 1 / reach, Limit(static_cast<int>(center - reach), length - 1),
          Limit(static_cast<int>(center + reach), length - 1)};
}

FRAMEWELL_DEVICE float LumaAt(const JfifKernelParams& p, float x, float y) {
  const Tent columns = TentAt(x, p.step_x, p.source_width);
  const Tent rows = TentAt(y, p.step_y, p.source_height);
  float sum = 0;
  float weights = 0;
  for (int j = rows.first; j <= rows.last; ++j) {
    const unsigned char* row = Row(p.luma, j, p.source_pitch);
    const float row_weight = rows.Weight(j);
    for (int i = columns.first; i <= columns.last; ++i) {
      const float weight = row_weight * columns.Weight(i);
      sum += weight * Load(row, i, p.bytes_per_sample);
      weights += weight;
    }
  }
  return sum / weights;
}

// At a place given in luma samples; `step` are luma samples too.
FRAMEWELL_DEVICE Chroma ChromaAt(const JfifKernelParams& p, float x, float y, float step_x, float step_y) {
  const Tent columns = TentAt(x / 2 + p.chroma_shift_x, step_x / 2, (p.source_width + 1) / 2);
  const Tent rows = TentAt(y / 2, step_y / 2, (p.source_height + 1) / 2);
  Chroma sum = {0, 0};
  float weights = 0;
  for (int j = rows.first; j <= rows.last; ++j) {
    const unsigned char* row = Row(p.chroma, j, p.source_pitch);
    const float row_weight = rows.Weight(j);
    for (int i = columns.first; i <= columns.last; ++i) {
      const float weight = row_weight * columns.Weight(i);
      sum.cb += weight * Load(row, 2 * i, p.bytes_per_sample);
      sum.cr += weight * Load(row, 2 * i + 1, p.bytes_per_sample);
      weights += weight;
    }
  }
  return {sum.cb / weights - 128, sum.cr / weights - 128};
}

}  // namespace framewell

// The picture at its own size: chroma stays where it is, and each of its samples holds for the luma samples around it.
FRAMEWELL_KERNEL framewell_convert(framewell::JfifKernelParams p) {
  using namespace framewell;
  const int x = FRAMEWELL_THREAD_X;
  const int y = FRAMEWELL_THREAD_Y;
  if (2 * x >= p.width || 2 * y >= p.height) return;
  const unsigned char* row = Row(p.chroma, y, p.source_pitch);
  const Chroma chroma = {Load(row, 2 * x, p.bytes_per_sample) - 128, Load(row, 2 * x + 1, p.bytes_per_sample) - 128};
  StoreChroma(p, x, y, chroma);
  for (int j = 2 * y; j < 2 * y + 2 && j < p.height; ++j) {
    const unsigned char* luma = Row(p.luma, j, p.source_pitch);
    for (int i = 2 * x; i < 2 * x + 2 && i < p.width; ++i) {
      StoreLuma(p, i, j, Load(luma, i, p.bytes_per_sample), chroma);
    }
  }
}

// A part of the picture at another size, chroma sited in the centre as JFIF has it.
FRAMEWELL_KERNEL framewell_scale(framewell::JfifKernelParams p) {
  using namespace framewell;
  const int x = FRAMEWELL_THREAD_X;
  const int y = FRAMEWELL_THREAD_Y;
  if (2 * x >= p.width || 2 * y >= p.height) return;
  const float center_x = p.left + (2 * x + 1) * p.step_x;
  const float center_y = p.top + (2 * y + 1) * p.step_y;
  StoreChroma(p, x, y, ChromaAt(p, center_x, center_y, 2 * p.step_x, 2 * p.step_y));
  for (int j = 2 * y; j < 2 * y + 2 && j < p.height; ++j) {
    const float source_y = p.top + (j + 0.5f) * p.step_y;
    for (int i = 2 * x; i < 2 * x + 2 && i < p.width; ++i) {
      const float source_x = p.left + (i + 0.5f) * p.step_x;
      StoreLuma(p, i, j, LumaAt(p, source_x, source_y), ChromaAt(p, source_x, source_y, p.step_x, p.step_y));
    }
  }
}
