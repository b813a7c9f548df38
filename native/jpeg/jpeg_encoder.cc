#include "jpeg/jpeg_encoder.h"

#include <turbojpeg.h>

#include <cstring>
#include <string>

#include "engine_error.h"
#include "ffmpeg_handles.h"
#include "jpeg/framing.h"

namespace framewell {
namespace {

// libjpeg's own bound, a little below what the format's 16 bits hold.
constexpr int kMaxDimension = 65500;

[[noreturn]] void Fail(const std::string& message) { throw EngineError("ERR_ENCODE_FAILED", message); }

void CheckOptions(const JpegOptions& options) {
  if (options.quality < 1 || options.quality > 100) {
    Fail("Expected integer 1-100 for quality but received " + std::to_string(options.quality));
  }
}

void CheckSize(PictureSize size) {
  if (size.width > kMaxDimension || size.height > kMaxDimension) {
    Fail("Expected a picture of at most 65500x65500 pixels but received " + std::to_string(size.width) + "x" +
         std::to_string(size.height));
  }
}

bool IsCropped(const AVFrame& frame) {
  return (frame.crop_left | frame.crop_right | frame.crop_top | frame.crop_bottom) != 0;
}

// libavcodec crops by itself, as far as its vector code's alignment lets it; this does the rest.
AvFramePtr Crop(const AVFrame& frame) {
  AvFramePtr cropped(av_frame_clone(&frame));
  if (!cropped) throw std::bad_alloc();
  const int error = av_frame_apply_cropping(cropped.get(), AV_FRAME_CROP_UNALIGNED);
  if (error < 0) Fail("The frame's cropping cannot be applied: " + AvErrorText(error));
  return cropped;
}

}  // namespace

void JpegEncoder::TurboDestroy::operator()(void* handle) const noexcept { tjDestroy(handle); }

JpegEncoder::JpegEncoder() : turbo_(tjInitCompress()) {
  if (!turbo_) Fail(std::string("libjpeg-turbo could not start: ") + tjGetErrorStr2(nullptr));
}

JpegBytes JpegEncoder::Encode(const AVFrame& frame, const JpegOptions& options) {
  CheckOptions(options);
  if (IsCropped(frame)) return Encode(*Crop(frame), options);
  if (frame.width < 1 || frame.height < 1 || frame.data[0] == nullptr) {
    Fail("Expected a frame with a picture but received an empty one");
  }
  const Framing framing = ChooseFraming({frame.width, frame.height}, DisplaySize(frame), options);
  CheckSize(framing.target);
  return Compress(converter_.Convert(frame, framing), options.quality);
}

JpegBytes JpegEncoder::Compress(const YuvPlanes& planes, int quality) {
  // The worst case, of which only what the JPEG fills is ever touched, so that it costs address
  // space rather than memory.
  const unsigned long capacity = tjBufSize(planes.size.width, planes.size.height, TJSAMP_420);
  if (capacity == static_cast<unsigned long>(-1)) Fail(tjGetErrorStr2(nullptr));
  uint8_t* output = output_.Reserve(capacity);
  unsigned long size = capacity;
  // The accurate DCT takes no longer than the fast one where both are vectorised.
  const int status = tjCompressFromYUVPlanes(turbo_.get(), const_cast<const unsigned char**>(planes.data.data()),
                                             planes.size.width, planes.stride.data(), planes.size.height, TJSAMP_420,
                                             &output, &size, quality, TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT);
  if (status != 0) Fail(std::string("libjpeg-turbo: ") + tjGetErrorStr2(turbo_.get()));

  JpegBytes::Buffer exact(static_cast<uint8_t*>(std::malloc(size)));
  if (!exact) throw std::bad_alloc();
  std::memcpy(exact.get(), output, size);
  return JpegBytes(std::move(exact), size);
}

}  // namespace framewell
