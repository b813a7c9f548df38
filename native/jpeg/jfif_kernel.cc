// Written so that compilers vectorise it: plain loops over 16-bit numbers, no branches, no
// aliasing.
#include "jpeg/jfif_kernel.h"

#include <algorithm>
#include <cmath>

// GCC below -O3 leaves loops of unknown length alone, and these are ten times slower then.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

// One copy of a function per instruction set, chosen when the program is loaded. glibc's loader
// does that before a sanitizer's runtime is up, so those builds go without, as do other processors.
#if defined(__has_feature)
#define FRAMEWELL_HAS_FEATURE(name) __has_feature(name)
#else
#define FRAMEWELL_HAS_FEATURE(name) 0
#endif
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !FRAMEWELL_HAS_FEATURE(address_sanitizer) && !FRAMEWELL_HAS_FEATURE(thread_sanitizer)
#define FRAMEWELL_MULTIVERSION __attribute__((target_clones("avx2", "default")))
#else
#define FRAMEWELL_MULTIVERSION
#endif

namespace framewell {
namespace {

constexpr int kLevelBits = 6;
constexpr int kLevel = 1 << kLevelBits;
constexpr int kHalfLevel = kLevel / 2;

// What RGB white's red and blue weigh in Y'.
struct LumaWeights {
  double red, blue;
};

// H.264 E.2.1, equations E-4 ff.: KR and KB of each matrix_coefficients.
LumaWeights WeightsOf(ColorMatrix matrix) {
  switch (matrix) {
    case ColorMatrix::kBt709:
      return {0.2126, 0.0722};
    case ColorMatrix::kFcc:
      return {0.30, 0.11};
    case ColorMatrix::kSmpte240m:
      return {0.212, 0.087};
    case ColorMatrix::kBt2020:
      return {0.2627, 0.0593};
    default:
      return {0.299, 0.114};
  }
}

struct Rgb {
  double red, green, blue;
};

int16_t Fixed(double factor) { return static_cast<int16_t>(std::lround(factor * 32768)); }

// `factor` is of 1/32768 and `level` within +-255, so that the product is in 1/64 level.
inline int16_t Multiply(int16_t level, int16_t factor) {
  return static_cast<int16_t>((static_cast<int16_t>(level * 128) * factor) >> 16);
}

inline uint8_t ToByte(int16_t value) { return static_cast<uint8_t>(std::clamp<int16_t>(value >> kLevelBits, 0, 255)); }

}  // namespace

JfifCoefficients CoefficientsToJfif(PictureColor source) {
  const LumaWeights from = WeightsOf(source.matrix);
  const LumaWeights to = WeightsOf(ColorMatrix::kBt601);
  const double from_green = 1 - from.red - from.blue;
  const double to_green = 1 - to.red - to.blue;

  // RGB of one unit of Cb and of Cr alone; a unit of Y is (1, 1, 1) under every matrix.
  const Rgb cb = {0, -2 * (1 - from.blue) * from.blue / from_green, 2 * (1 - from.blue)};
  const Rgb cr = {2 * (1 - from.red), -2 * (1 - from.red) * from.red / from_green, 0};
  const auto luma = [&](const Rgb& c) { return to.red * c.red + to_green * c.green + to.blue * c.blue; };
  const auto to_cb = [&](const Rgb& c) { return (c.blue - luma(c)) / (2 * (1 - to.blue)); };
  const auto to_cr = [&](const Rgb& c) { return (c.red - luma(c)) / (2 * (1 - to.red)); };

  const double luma_scale = source.full_range ? 1 : 255.0 / 219;
  const double chroma_scale = source.full_range ? 1 : 255.0 / 224;
  const double luma_floor = source.full_range ? 0 : 16;
  return {
      .y_y = Fixed(luma_scale - 1),
      .y_cb = Fixed(chroma_scale * luma(cb)),
      .y_cr = Fixed(chroma_scale * luma(cr)),
      .y_offset = static_cast<int16_t>(std::lround(-luma_floor * luma_scale * kLevel)),
      .cb_cb = Fixed(chroma_scale * to_cb(cb) - 1),
      .cb_cr = Fixed(chroma_scale * to_cb(cr)),
      .cr_cb = Fixed(chroma_scale * to_cr(cb)),
      .cr_cr = Fixed(chroma_scale * to_cr(cr) - 1),
  };
}

FRAMEWELL_MULTIVERSION
void ConvertChromaRow(const JfifCoefficients& coefficients, const uint8_t* __restrict cb, const uint8_t* __restrict cr,
                      int width, uint8_t* __restrict out_cb, uint8_t* __restrict out_cr,
                      int16_t* __restrict luma_terms) {
  const JfifCoefficients k = coefficients;
  constexpr int16_t kCenter = 128 * kLevel + kHalfLevel;
  const int16_t luma_offset = k.y_offset + kHalfLevel;
  for (int i = 0; i < width; ++i) {
    const int16_t b = cb[i] - 128;
    const int16_t r = cr[i] - 128;
    out_cb[i] = ToByte(b * kLevel + Multiply(b, k.cb_cb) + Multiply(r, k.cb_cr) + kCenter);
    out_cr[i] = ToByte(r * kLevel + Multiply(r, k.cr_cr) + Multiply(b, k.cr_cb) + kCenter);
    const int16_t term = Multiply(b, k.y_cb) + Multiply(r, k.y_cr) + luma_offset;
    luma_terms[2 * i] = term;
    luma_terms[2 * i + 1] = term;
  }
}

FRAMEWELL_MULTIVERSION
void ConvertLumaRow(const JfifCoefficients& coefficients, const uint8_t* __restrict luma,
                    const int16_t* __restrict luma_terms, int width, uint8_t* __restrict out) {
  const int16_t gain = coefficients.y_y;
  for (int i = 0; i < width; ++i) {
    const int16_t y = luma[i];
    out[i] = ToByte(y * kLevel + Multiply(y, gain) + luma_terms[i]);
  }
}

FRAMEWELL_MULTIVERSION
void SplitChromaRow(const uint8_t* __restrict interleaved, int width, uint8_t* __restrict cb, uint8_t* __restrict cr) {
  for (int i = 0; i < width; ++i) {
    cb[i] = interleaved[2 * i];
    cr[i] = interleaved[2 * i + 1];
  }
}

}  // namespace framewell
