// NV12 or P016 of any matrix and range to what a JPEG is made of: 8-bit planar 4:2:0, full-range BT.601 (JFIF).
//
// Compiled to PTX by scripts/build-kernels.mjs, and for the CPU by whoever defines FRAMEWELL_KERNEL and
// FRAMEWELL_THREAD_X and _Y first. Each thread makes one chroma sample and the four luma samples around it.
#include "cuda/color_kernel_params.h"

#ifndef FRAMEWELL_KERNEL
#define FRAMEWELL_KERNEL extern "C" __attribute__((global)) void
#define FRAMEWELL_DEVICE __attribute__((device, always_inline)) inline
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

// Filters as functions of the distance from the place that is wanted; the CPU's converter (zimg) has the same.
struct Lanczos3 {
  static constexpr int kReach = 3;

  // sinc(x) sinc(x / 3) for x below 3, written with s = sin(t) and t = pi x / 3 alone, since sin(3 t) = 3 s - 4 s^3:
  // (s / t)^2 (1 - 4/3 s^2), where the series of s / t is exact to a float up to pi.
  static FRAMEWELL_DEVICE float At(float x) {
    const float t2 = x * x * 1.0966227f;
    float ratio = -7.6471637e-13f;
    ratio = ratio * t2 + 1.6059044e-10f;
    ratio = ratio * t2 - 2.5052108e-8f;
    ratio = ratio * t2 + 2.7557319e-6f;
    ratio = ratio * t2 - 1.9841270e-4f;
    ratio = ratio * t2 + 8.3333333e-3f;
    ratio = ratio * t2 - 1.6666667e-1f;
    ratio = ratio * t2 + 1;
    const float squared = ratio * ratio;
    return squared * (1 - 4.0f / 3 * t2 * squared);
  }
};

// Keys' with a = -1/2, which is Catmull and Rom's spline.
struct Bicubic {
  static constexpr int kReach = 2;

  static FRAMEWELL_DEVICE float At(float x) {
    if (x < 1) return (1.5f * x - 2.5f) * x * x + 1;
    return ((-0.5f * x + 2.5f) * x - 4) * x + 2;
  }
};

// The samples of a row or column that count at one place of it. The filter is stretched as the scale needs, so that
// nothing aliases; beyond the picture's edge it goes on as in a mirror.
template <typename Filter>
struct Taps {
  float center;
  float slope;
  int length;
  int first, last;

  static FRAMEWELL_DEVICE Taps At(float center, float step, int length) {
    const float stretch = step > 1 ? step : 1;
    const float reach = Filter::kReach * stretch;
    // One more than needed at the left, where the cast rounds up below 0: what is beyond reach weighs nothing.
    return {center, 1 / stretch, length, static_cast<int>(center - reach) - 1, static_cast<int>(center + reach)};
  }

  FRAMEWELL_DEVICE float Weight(int tap) const {
    const float distance = (tap + 0.5f - center) * slope;
    const float x = distance < 0 ? -distance : distance;
    return x < Filter::kReach ? Filter::At(x) : 0;
  }

  FRAMEWELL_DEVICE int Sample(int tap) const {
    return Limit(tap < 0 ? -1 - tap : tap < length ? tap : 2 * length - 1 - tap, length - 1);
  }
};

template <int kChannels>
struct Levels {
  float of[kChannels];
};

// What a plane of `kChannels` interleaved samples has at a place. Weights of columns are worked out for some columns at
// once and hold for all rows.
template <int kChannels, typename Filter>
FRAMEWELL_DEVICE Levels<kChannels> Resample(const unsigned char* plane, int pitch, int bytes_per_sample,
                                            Taps<Filter> columns, Taps<Filter> rows) {
  constexpr int kAtOnce = 8;
  Levels<kChannels> sum = {};
  float weight_sum = 0;
  for (int tap = columns.first; tap <= columns.last; tap += kAtOnce) {
    float weights[kAtOnce];
    int samples[kAtOnce];
    float column_sum = 0;
    for (int k = 0; k < kAtOnce; ++k) {
      weights[k] = columns.Weight(tap + k);
      samples[k] = columns.Sample(tap + k) * kChannels;
      column_sum += weights[k];
    }
    for (int j = rows.first; j <= rows.last; ++j) {
      const unsigned char* row = Row(plane, rows.Sample(j), pitch);
      const float row_weight = rows.Weight(j);
      weight_sum += row_weight * column_sum;
      for (int channel = 0; channel < kChannels; ++channel) {
        float row_sum = 0;
        for (int k = 0; k < kAtOnce; ++k) row_sum += weights[k] * Load(row, samples[k] + channel, bytes_per_sample);
        sum.of[channel] += row_weight * row_sum;
      }
    }
  }
  for (int channel = 0; channel < kChannels; ++channel) sum.of[channel] /= weight_sum;
  return sum;
}

FRAMEWELL_DEVICE float LumaAt(const JfifKernelParams& p, float x, float y) {
  const auto columns = Taps<Lanczos3>::At(x, p.step_x, p.source_width);
  const auto rows = Taps<Lanczos3>::At(y, p.step_y, p.source_height);
  return Resample<1>(p.luma, p.source_pitch, p.bytes_per_sample, columns, rows).of[0];
}

// At a place given in luma samples; `step` are luma samples too.
FRAMEWELL_DEVICE Chroma ChromaAt(const JfifKernelParams& p, float x, float y, float step_x, float step_y) {
  const auto columns = Taps<Bicubic>::At(x / 2 + p.chroma_shift_x, step_x / 2, (p.source_width + 1) / 2);
  const auto rows = Taps<Bicubic>::At(y / 2, step_y / 2, (p.source_height + 1) / 2);
  const Levels<2> levels = Resample<2>(p.chroma, p.source_pitch, p.bytes_per_sample, columns, rows);
  return {levels.of[0] - 128, levels.of[1] - 128};
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
