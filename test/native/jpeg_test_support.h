// Pictures to encode and the means to look at what came out. The colour arithmetic here is written
// from the standards' formulas, apart from the engine's, so that the two can disagree.
#pragma once

extern "C" {
#include <libavutil/buffer.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "ffmpeg_handles.h"
#include "jpeg/jpeg_bytes.h"
#include "jpeg/yuv_planes.h"

namespace framewell::testing {

using Rgb = std::array<int, 3>;
using PictureFunction = std::function<Rgb(int x, int y)>;

// A frame whose planes are heap blocks that end with the last sample, so that AddressSanitizer sees
// the first byte read beyond it.
inline AvFramePtr MakeTightFrame(AVPixelFormat format, int width, int height) {
  AvFramePtr frame(av_frame_alloc());
  frame->format = format;
  frame->width = width;
  frame->height = height;
  int strides[4];
  av_image_fill_linesizes(strides, format, width);
  ptrdiff_t plane_strides[4];
  std::copy(strides, strides + 4, plane_strides);
  size_t sizes[4];
  av_image_fill_plane_sizes(sizes, format, height, plane_strides);
  for (int i = 0; i < 4 && sizes[i] > 0; ++i) {
    frame->buf[i] = av_buffer_create(
        new uint8_t[sizes[i]](), sizes[i], [](void*, uint8_t* data) { delete[] data; }, nullptr, 0);
    frame->data[i] = frame->buf[i]->data;
    frame->linesize[i] = strides[i];
  }
  return frame;
}

struct YuvMatrix {
  AVColorSpace flag;
  double kr, kb;
};

inline const std::vector<YuvMatrix> kYuvMatrices = {
    {AVCOL_SPC_BT709, 0.2126, 0.0722},     {AVCOL_SPC_FCC, 0.30, 0.11},         {AVCOL_SPC_BT470BG, 0.299, 0.114},
    {AVCOL_SPC_SMPTE170M, 0.299, 0.114},   {AVCOL_SPC_SMPTE240M, 0.212, 0.087}, {AVCOL_SPC_BT2020_NCL, 0.2627, 0.0593},
    {AVCOL_SPC_BT2020_CL, 0.2627, 0.0593},
};

// Y in 0..1, Cb and Cr in -0.5..0.5.
inline std::array<double, 3> ToYuv(const std::array<double, 3>& rgb, double kr, double kb) {
  const double y = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2];
  return {y, (rgb[2] - y) / (2 * (1 - kb)), (rgb[0] - y) / (2 * (1 - kr))};
}

// H.264 E.2.1: the sample that stands for a component's value.
inline int Quantize(double value, bool is_chroma, bool full_range, int depth) {
  const double unit = 1 << (depth - 8);
  const int max = (1 << depth) - 1;
  const double sample = full_range  ? value * max + (is_chroma ? 1 << (depth - 1) : 0)
                        : is_chroma ? (224 * value + 128) * unit
                                    : (219 * value + 16) * unit;
  return std::clamp(static_cast<int>(std::lround(sample)), 0, max);
}

// Fills a new frame (libavutil writes samples by OR) of any readable format. Each chroma sample is
// the mean of those it stands for.
inline void Paint(AVFrame& frame, const PictureFunction& picture, const YuvMatrix& matrix, bool full_range) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const bool is_rgb = (format->flags & AV_PIX_FMT_FLAG_RGB) != 0;
  frame.colorspace = is_rgb ? AVCOL_SPC_RGB : matrix.flag;
  frame.color_range = full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  for (int component = 0; component < (format->nb_components < 3 ? 1 : 3); ++component) {
    const bool is_chroma = component > 0 && !is_rgb;
    const int step_x = is_chroma ? 1 << format->log2_chroma_w : 1;
    const int step_y = is_chroma ? 1 << format->log2_chroma_h : 1;
    std::vector<uint16_t> row((frame.width + step_x - 1) / step_x);
    for (int y = 0; y < frame.height; y += step_y) {
      for (int x = 0; x < frame.width; x += step_x) {
        double sum = 0;
        int count = 0;
        for (int j = y; j < std::min(y + step_y, frame.height); ++j) {
          for (int i = x; i < std::min(x + step_x, frame.width); ++i, ++count) {
            const Rgb rgb = picture(i, j);
            const std::array<double, 3> unit = {rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0};
            sum += is_rgb ? unit[component] : ToYuv(unit, matrix.kr, matrix.kb)[component];
          }
        }
        row[x / step_x] =
            static_cast<uint16_t>(Quantize(sum / count, is_chroma, full_range, format->comp[component].depth));
      }
      av_write_image_line2(row.data(), frame.data, frame.linesize, format, 0, y / step_y, component,
                           static_cast<int>(row.size()), 2);
    }
  }
}

// Colour noise over gradients and a hard edge, the same for the same seed: detail at every scale,
// as a camera's picture has.
inline PictureFunction NaturalPicture(unsigned seed = 1) {
  return [seed](int x, int y) -> Rgb {
    uint32_t hash =
        seed * 0x9E3779B9u ^ static_cast<uint32_t>(x) * 0x85EBCA6Bu ^ static_cast<uint32_t>(y) * 0xC2B2AE35u;
    hash = (hash ^ hash >> 15) * 0x2C1B3C6Du;
    const int noise = static_cast<int>(hash >> 24) % 13 - 6;
    const int edge = (x / 3 + y) % 97 < 40 ? 30 : 0;
    const auto wave = [](double phase) { return 110 + 80 * std::sin(phase); };
    return {std::clamp(static_cast<int>(wave(x * 0.031 + y * 0.011)) + noise + edge, 0, 255),
            std::clamp(static_cast<int>(wave(x * 0.017 - y * 0.023)) + noise, 0, 255),
            std::clamp(static_cast<int>(wave(y * 0.041)) + noise - edge, 0, 255)};
  };
}

struct DecodedRgb {
  int width, height;
  std::vector<uint8_t> samples;

  Rgb At(int x, int y) const {
    const uint8_t* pixel = &samples[3 * (static_cast<size_t>(y) * width + x)];
    return {pixel[0], pixel[1], pixel[2]};
  }
};

inline DecodedRgb DecodeToRgb(const JpegBytes& jpeg) {
  tjhandle turbo = tjInitDecompress();
  DecodedRgb picture = {};
  int subsampling, colorspace;
  if (tjDecompressHeader3(turbo, jpeg.data(), jpeg.size(), &picture.width, &picture.height, &subsampling,
                          &colorspace) != 0 ||
      subsampling != TJSAMP_420) {
    tjDestroy(turbo);
    throw std::runtime_error("not a 4:2:0 JPEG");
  }
  picture.samples.resize(3 * static_cast<size_t>(picture.width) * picture.height);
  const int status = tjDecompress2(turbo, jpeg.data(), jpeg.size(), picture.samples.data(), picture.width, 0,
                                   picture.height, TJPF_RGB, TJFLAG_ACCURATEDCT);
  tjDestroy(turbo);
  if (status != 0) throw std::runtime_error("a broken JPEG");
  return picture;
}

inline int MaxDifference(const Rgb& a, const Rgb& b) {
  return std::max({std::abs(a[0] - b[0]), std::abs(a[1] - b[1]), std::abs(a[2] - b[2])});
}

// Copies planes whose memory may not outlive the next conversion. Rows lie tight.
inline std::array<std::vector<uint8_t>, 3> CopyPlanes(const YuvPlanes& planes) {
  std::array<std::vector<uint8_t>, 3> copies;
  for (int i = 0; i < 3; ++i) {
    const PictureSize size = i == 0 ? planes.size : ChromaSize(planes.size);
    for (int y = 0; y < size.height; ++y) {
      const uint8_t* row = planes.data[i] + static_cast<ptrdiff_t>(y) * planes.stride[i];
      copies[i].insert(copies[i].end(), row, row + size.width);
    }
  }
  return copies;
}

inline double Psnr(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  if (a.size() != b.size()) throw std::invalid_argument("pictures of different sizes");
  double squares = 0;
  for (size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  if (squares == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.size()) / squares);
}

}  // namespace framewell::testing
