// JPEGs of the card beside those of the CPU, on the stand-in driver.
#include <doctest/doctest.h>

#include "cuda/nvjpeg_encoder.h"
#include "jpeg/jpeg_encoder.h"
#include "jpeg_test_support.h"
#include "stand_in_card.h"

namespace framewell {
namespace {

using test::StandIn;
using testing::DecodeToRgb;
using testing::Psnr;

// A picture of the test's own on the card.
std::shared_ptr<DeviceFrame> Upload(const std::shared_ptr<CudaContext>& context, const AVFrame& frame) {
  AvFramePtr facts(av_frame_alloc());
  av_frame_copy_props(facts.get(), &frame);
  facts->format = frame.format;
  facts->width = frame.width;
  facts->height = frame.height;
  auto uploaded = std::make_shared<DeviceFrame>(context, std::move(facts));
  // The double's memory is the process's own.
  for (int y = 0; y < frame.height * 3 / 2; ++y) {
    const bool is_luma = y < frame.height;
    const uint8_t* row =
        is_luma ? frame.data[0] + y * frame.linesize[0] : frame.data[1] + (y - frame.height) * frame.linesize[1];
    std::copy_n(row, uploaded->row_bytes(), uploaded->memory()->RowPointer(y));
  }
  return uploaded;
}

AvFramePtr Natural(AVPixelFormat format, int width, int height) {
  AvFramePtr frame = testing::MakeTightFrame(format, width, height);
  testing::Paint(*frame, testing::NaturalPicture(), testing::kYuvMatrices.front(), false);
  return frame;
}

TEST_CASE("a JPEG of the card looks like the CPU's, at any size") {
  for (const AVPixelFormat format : {AV_PIX_FMT_NV12, AV_PIX_FMT_P010}) {
    const StandIn stand_in;
    const test::StandInCard card;
    const auto context = std::make_shared<CudaContext>(card.driver.api, 0);
    NvjpegEncoder on_card(context);
    JpegEncoder on_cpu;
    const AvFramePtr frame = Natural(format, 640, 360);
    const auto uploaded = Upload(context, *frame);
    for (const JpegOptions& options :
         {JpegOptions{90}, JpegOptions{90, 320, 0}, JpegOptions{90, 0, 101}, JpegOptions{90, 2000, 2000}}) {
      CAPTURE(options.max_width);
      CAPTURE(options.max_height);
      const auto card_picture = DecodeToRgb(on_card.Encode(*uploaded, options));
      const auto cpu_picture = DecodeToRgb(on_cpu.Encode(*frame, options));
      CHECK(card_picture.width == cpu_picture.width);
      REQUIRE(card_picture.height == cpu_picture.height);
      CHECK(Psnr(card_picture.samples, cpu_picture.samples) >= 40);
    }
  }
}

TEST_CASE("wide samples widen the card's picture too") {
  const StandIn stand_in;
  const test::StandInCard card;
  const auto context = std::make_shared<CudaContext>(card.driver.api, 0);
  NvjpegEncoder encoder(context);
  const AvFramePtr frame = Natural(AV_PIX_FMT_NV12, 352, 288);
  frame->sample_aspect_ratio = {16, 11};
  const auto picture = DecodeToRgb(encoder.Encode(*Upload(context, *frame), {80}));
  CHECK(picture.width == 512);
  CHECK(picture.height == 288);
}

TEST_CASE("where nvJPEG fails the CPU encodes, and the card's status says so") {
  for (const char* fault : {"EncodeYUV=6", "EncodeYUV=5", "RetrieveBitstream=8", "EncoderStateCreate=5",
                            "CreateSimple=1", "LaunchKernel=1", "MemAlloc=2"}) {
    CAPTURE(fault);
    StandIn stand_in;
    const test::StandInCard card;
    Gpu& gpu = *card.gpus.front();
    const auto context = std::make_shared<CudaContext>(card.driver.api, 0);
    const AvFramePtr frame = Natural(AV_PIX_FMT_NV12, 64, 48);
    const auto uploaded = Upload(context, *frame);
    stand_in.SetFaults(fault);
    const auto picture = DecodeToRgb(gpu.Encode(*uploaded, {90}));
    const auto expected = DecodeToRgb(JpegEncoder().Encode(*frame, {90}));
    CHECK(Psnr(picture.samples, expected.samples) >= 40);
    CHECK(gpu.status().encodes_on_cpu == 1);
    CHECK(gpu.status().encode_failure != "");
    stand_in.SetFaults("");
    CHECK(gpu.Encode(*uploaded, {90}).size() > 0);
    CHECK(gpu.status().encodes_on_cpu == 1);
  }
}

TEST_CASE("a card that is lost while it encodes fails that encode") {
  StandIn stand_in;
  const test::StandInCard card;
  const auto context = std::make_shared<CudaContext>(card.driver.api, 0);
  const auto uploaded = Upload(context, *Natural(AV_PIX_FMT_NV12, 64, 48));
  stand_in.SetFaults("LaunchKernel=719");
  try {
    card.gpus.front()->Encode(*uploaded, {90});
    FAIL("Expected the encode to fail");
  } catch (const EngineError& error) {
    CHECK(error.code() == "ERR_GPU_LOST");
  }
  CHECK(context->lost());
}

}  // namespace
}  // namespace framewell
