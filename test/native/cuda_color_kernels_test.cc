// The kernels, compiled for the CPU from the source that the PTX is made of, beside the CPU's converter and zimg.
#include <doctest/doctest.h>

#include <cstring>

#include "cuda/color_kernel_setup.h"
#include "jpeg/jfif_converter.h"
#include "jpeg_test_support.h"

namespace {
thread_local int thread_x, thread_y;
}

#define FRAMEWELL_KERNEL static void
#define FRAMEWELL_DEVICE inline
#define FRAMEWELL_THREAD_X thread_x
#define FRAMEWELL_THREAD_Y thread_y
#include "cuda/color_kernels.cu"

namespace framewell {
namespace {

using testing::kYuvMatrices;
using testing::MakeTightFrame;
using testing::Psnr;
using testing::YuvMatrix;

using Planes = std::array<std::vector<uint8_t>, 3>;

// The planes that a kernel makes of a semi-planar frame's `region`, rows tight.
Planes Run(void (*kernel)(JfifKernelParams), const AVFrame& frame, SampleRegion region, PictureSize target) {
  const PictureSize chroma = ChromaSize(target);
  Planes planes = {std::vector<uint8_t>(size_t(target.width) * target.height),
                   std::vector<uint8_t>(size_t(chroma.width) * chroma.height),
                   std::vector<uint8_t>(size_t(chroma.width) * chroma.height)};
  JfifKernelParams params = {};
  params.luma = frame.data[0];
  params.chroma = frame.data[1];
  params.out_luma = planes[0].data();
  params.out_cb = planes[1].data();
  params.out_cr = planes[2].data();
  params.source_pitch = frame.linesize[0];
  params.out_luma_pitch = target.width;
  params.out_chroma_pitch = chroma.width;
  params.source_width = frame.width;
  params.source_height = frame.height;
  params.width = target.width;
  params.height = target.height;
  const int depth = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format))->comp[0].depth;
  params.bytes_per_sample = depth > 8 ? 2 : 1;
  SetColor(params, ResolveColor(frame), depth);
  SetRegion(params, {region, target});
  // One block too many, as a launch in whole blocks has.
  for (thread_y = 0; thread_y < chroma.height + 1; ++thread_y) {
    for (thread_x = 0; thread_x < chroma.width + 1; ++thread_x) kernel(params);
  }
  return planes;
}

AvFramePtr Natural(AVPixelFormat format, int width, int height, const YuvMatrix& matrix, bool full_range) {
  AvFramePtr frame = MakeTightFrame(format, width, height);
  testing::Paint(*frame, testing::NaturalPicture(), matrix, full_range);
  return frame;
}

SampleRegion Whole(const AVFrame& frame) { return WholeRegion({frame.width, frame.height}); }

template <typename Check>
void ForEachColor(AVPixelFormat format, int width, int height, Check check) {
  for (const YuvMatrix& matrix : kYuvMatrices) {
    for (const bool full_range : {false, true}) {
      CAPTURE(matrix.flag);
      CAPTURE(full_range);
      check(*Natural(format, width, height, matrix, full_range), matrix);
    }
  }
}

void CheckPsnr(const Planes& planes, const Planes& reference, double least) {
  for (int plane = 0; plane < 3; ++plane) {
    CAPTURE(plane);
    CHECK(Psnr(planes[plane], reference[plane]) >= least);
  }
}

TEST_CASE("at its own size a picture is what the CPU's converter makes of it") {
  ForEachColor(AV_PIX_FMT_NV12, 354, 240, [](const AVFrame& frame, const YuvMatrix&) {
    JfifConverter converter;
    const PictureSize size = {frame.width, frame.height};
    const auto reference = testing::CopyPlanes(converter.Convert(frame, {Whole(frame), size}));
    CheckPsnr(Run(framewell_convert, frame, Whole(frame), size), reference, 60);
  });
}

TEST_CASE("at its own size a picture is near what zimg makes of it") {
  for (const AVPixelFormat format : {AV_PIX_FMT_NV12, AV_PIX_FMT_P010}) {
    ForEachColor(format, 354, 240, [&](const AVFrame& frame, const YuvMatrix& matrix) {
      CAPTURE(frame.format);
      ZimgConverter zimg;
      const PictureSize size = {frame.width, frame.height};
      const auto reference = testing::CopyPlanes(zimg.Convert(frame, ResolveColor(frame), {Whole(frame), size}));
      // 709's luma needs chroma at luma's resolution, which zimg interpolates and the kernel repeats.
      const bool same_matrix = matrix.kr == 0.299;
      CheckPsnr(Run(framewell_convert, frame, Whole(frame), size), reference, same_matrix ? 60 : 45);
    });
  }
}

TEST_CASE("odd sizes are converted to their last column and row") {
  // As on the card, chroma's rows lie as far apart as luma's, which holds a column more than luma has.
  const AvFramePtr frame(av_frame_alloc());
  frame->format = AV_PIX_FMT_NV12;
  frame->width = 103;
  frame->height = 57;
  REQUIRE(av_frame_get_buffer(frame.get(), 0) == 0);
  std::memset(frame->data[0], 0, frame->linesize[0] * 57);
  std::memset(frame->data[1], 0, frame->linesize[1] * 29);
  REQUIRE(frame->linesize[0] == frame->linesize[1]);
  testing::Paint(*frame, testing::NaturalPicture(), kYuvMatrices[0], false);
  JfifConverter converter;
  const PictureSize size = {103, 57};
  const auto reference = testing::CopyPlanes(converter.Convert(*frame, {Whole(*frame), size}));
  CheckPsnr(Run(framewell_convert, *frame, Whole(*frame), size), reference, 60);
}

TEST_CASE("a picture made smaller is near what zimg makes of it") {
  for (const AVPixelFormat format : {AV_PIX_FMT_NV12, AV_PIX_FMT_P010}) {
    for (const PictureSize target : {PictureSize{320, 180}, {500, 281}, {77, 43}}) {
      ForEachColor(format, 640, 360, [&](const AVFrame& frame, const YuvMatrix&) {
        CAPTURE(frame.format);
        CAPTURE(target.width);
        ZimgConverter zimg;
        const auto reference = testing::CopyPlanes(zimg.Convert(frame, ResolveColor(frame), {Whole(frame), target}));
        CheckPsnr(Run(framewell_scale, frame, Whole(frame), target), reference, 50);
      });
    }
  }
}

// What is finer than the target's pixels has to average out instead of turning into a coarse pattern.
TEST_CASE("a thumbnail of fine stripes is grey") {
  const AvFramePtr frame = MakeTightFrame(AV_PIX_FMT_NV12, 3840, 64);
  testing::Paint(
      *frame,
      [](int x, int) {
        return x / 2 % 2 ? testing::Rgb{255, 255, 255} : testing::Rgb{0, 0, 0};
      },
      kYuvMatrices[0], false);
  const Planes planes = Run(framewell_scale, *frame, Whole(*frame), {320, 6});
  // The mirror image beyond the picture's edge breaks the stripes' rhythm.
  for (int i = 0; i < 320 * 6; ++i) REQUIRE(std::abs(planes[0][i] - 128) <= (i % 320 % 319 == 0 ? 16 : 3));
}

TEST_CASE("a region is what lies there, to fractions of a sample") {
  // Luma grows by one level in 4 columns.
  const AvFramePtr frame = MakeTightFrame(AV_PIX_FMT_NV12, 800, 16);
  testing::Paint(
      *frame,
      [](int x, int) {
        const int level = x / 4 + 20;
        return testing::Rgb{level, level, level};
      },
      kYuvMatrices[0], true);
  const Planes planes = Run(framewell_scale, *frame, {200.5, 2, 80, 8}, {20, 2});
  for (int x = 0; x < 20; ++x) {
    // The middle of target pixel x, and the middle of each step of the ramp.
    const double expected = (200.5 + (x + 0.5) * 4) / 4 + 20 - 0.5;
    CHECK(std::abs(planes[0][x] - expected) <= 0.6);
  }
}

}  // namespace
}  // namespace framewell
