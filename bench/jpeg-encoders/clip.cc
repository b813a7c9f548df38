#include "clip.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
}

#include <turbojpeg.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "jpeg/color_space.h"
#include "jpeg/yuv_planes.h"
#include "jpeg/zimg_converter.h"

namespace framewell::bench {
namespace {

constexpr int kPasses = 15;

using SwsPtr = std::unique_ptr<SwsContext, decltype(&sws_freeContext)>;

double CpuMs() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

Planes CopyPlanes(const YuvPlanes& planes) {
  Planes copies(3);
  for (int i = 0; i < 3; ++i) {
    const PictureSize size = i == 0 ? planes.size : ChromaSize(planes.size);
    for (int y = 0; y < size.height; ++y) {
      const uint8_t* row = planes.data[i] + static_cast<ptrdiff_t>(y) * planes.stride[i];
      copies[i].insert(copies[i].end(), row, row + size.width);
    }
  }
  return copies;
}

double Psnr(double squares, double samples) { return 10 * std::log10(255.0 * 255.0 * samples / squares); }

}  // namespace

std::vector<AvFramePtr> LoadClip(const std::string& path, PictureSize size) {
  std::ifstream file(path, std::ios::binary);
  std::vector<AvFramePtr> frames;
  Bytes raw(av_image_get_buffer_size(AV_PIX_FMT_YUV420P, size.width, size.height, 1));
  while (file.read(reinterpret_cast<char*>(raw.data()), static_cast<std::streamsize>(raw.size()))) {
    AvFramePtr frame(av_frame_alloc());
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = size.width;
    frame->height = size.height;
    frame->colorspace = AVCOL_SPC_BT709;
    frame->color_range = AVCOL_RANGE_MPEG;
    if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
    uint8_t* planes[4];
    int strides[4];
    av_image_fill_arrays(planes, strides, raw.data(), AV_PIX_FMT_YUV420P, size.width, size.height, 1);
    av_image_copy(frame->data, frame->linesize, const_cast<const uint8_t**>(planes), strides, AV_PIX_FMT_YUV420P,
                  size.width, size.height);
    frames.push_back(std::move(frame));
  }
  if (frames.empty()) throw std::runtime_error("Expected frames in " + path + " but found none");
  return frames;
}

Bytes ToRgb(const AVFrame& frame) {
  static const SwsPtr context = [&] {
    SwsPtr created(sws_getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P, frame.width, frame.height,
                                  AV_PIX_FMT_RGB24, SWS_BICUBIC, nullptr, nullptr, nullptr),
                   sws_freeContext);
    sws_setColorspaceDetails(created.get(), sws_getCoefficients(SWS_CS_ITU709), 0, sws_getCoefficients(SWS_CS_DEFAULT),
                             1, 0, 1 << 16, 1 << 16);
    return created;
  }();
  Bytes rgb(3 * static_cast<size_t>(frame.width) * frame.height);
  uint8_t* planes[1] = {rgb.data()};
  const int strides[1] = {3 * frame.width};
  sws_scale(context.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
  return rgb;
}

Planes ReferencePlanes(const AVFrame& frame, PictureSize size) {
  ZimgConverter zimg;
  return CopyPlanes(zimg.Convert(frame, ResolveColor(frame), {WholeRegion(size), size}));
}

Planes ReferenceScaledPlanes(const AVFrame& frame, PictureSize size) {
  AvFramePtr scaled(av_frame_alloc());
  scaled->format = AV_PIX_FMT_YUV420P;
  scaled->width = size.width;
  scaled->height = size.height;
  scaled->colorspace = frame.colorspace;
  scaled->color_range = frame.color_range;
  if (av_frame_get_buffer(scaled.get(), 0) < 0) throw std::bad_alloc();
  const SwsPtr context(sws_getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P, size.width, size.height,
                                      AV_PIX_FMT_YUV420P, SWS_LANCZOS | SWS_ACCURATE_RND, nullptr, nullptr, nullptr),
                       sws_freeContext);
  sws_scale(context.get(), frame.data, frame.linesize, 0, frame.height, scaled->data, scaled->linesize);
  return ReferencePlanes(*scaled, size);
}

Planes DecodeJpeg(const Bytes& jpeg) {
  const std::unique_ptr<void, decltype(&tjDestroy)> turbo(tjInitDecompress(), tjDestroy);
  int width, height, subsampling, colorspace;
  if (tjDecompressHeader3(turbo.get(), jpeg.data(), jpeg.size(), &width, &height, &subsampling, &colorspace) != 0 ||
      subsampling != TJSAMP_420) {
    throw std::runtime_error("Expected a 4:2:0 JPEG");
  }
  Planes planes(3);
  unsigned char* rows[3];
  for (int i = 0; i < 3; ++i) {
    planes[i].resize(tjPlaneSizeYUV(i, width, 0, height, TJSAMP_420));
    rows[i] = planes[i].data();
  }
  tjDecompressToYUVPlanes(turbo.get(), jpeg.data(), jpeg.size(), rows, width, nullptr, height, TJFLAG_ACCURATEDCT);
  return planes;
}

Likeness Compare(const std::vector<Planes>& pictures, const std::vector<Planes>& references) {
  double squares[3] = {}, samples[3] = {};
  for (size_t k = 0; k < references.size(); ++k) {
    for (int i = 0; i < 3; ++i) {
      const Bytes& a = pictures.at(k)[i];
      const Bytes& b = references[k][i];
      if (a.size() != b.size()) throw std::runtime_error("pictures of different sizes");
      for (size_t n = 0; n < a.size(); ++n) squares[i] += (a[n] - b[n]) * (a[n] - b[n]);
      samples[i] += static_cast<double>(a.size());
    }
  }
  return {Psnr(squares[0], samples[0]),
          Psnr(squares[0] + squares[1] + squares[2], samples[0] + samples[1] + samples[2])};
}

double CpuMsPerFrame(size_t frames, const std::function<void(size_t)>& work) {
  for (size_t i = 0; i < frames; ++i) work(i);
  std::vector<double> passes;
  for (int pass = 0; pass < kPasses; ++pass) {
    const double start = CpuMs();
    for (size_t i = 0; i < frames; ++i) work(i);
    passes.push_back((CpuMs() - start) / static_cast<double>(frames));
  }
  std::nth_element(passes.begin(), passes.begin() + kPasses / 2, passes.end());
  return passes[kPasses / 2];
}

}  // namespace framewell::bench
