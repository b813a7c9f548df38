// Pictures on the card to JPEG files: a kernel makes planes of them, nvJPEG encodes, and only the file leaves the card.
#pragma once

#include <memory>

#include "cuda/device_frame.h"
#include "jpeg/framing.h"
#include "jpeg/jpeg_bytes.h"
#include "jpeg/jpeg_encoder.h"

namespace framewell {

// Not thread-safe: an encoder state of nvJPEG belongs to one thread at a time, so each that encodes at once has its
// own.
class NvjpegEncoder {
 public:
  // Throws EngineError.
  explicit NvjpegEncoder(std::shared_ptr<CudaContext> context);
  ~NvjpegEncoder();
  NvjpegEncoder(const NvjpegEncoder&) = delete;
  NvjpegEncoder& operator=(const NvjpegEncoder&) = delete;

  const std::shared_ptr<CudaContext>& context() const { return context_; }

  // `frame` is of the same context. Throws CudaError, or EngineError ERR_ENCODE_FAILED when nvJPEG alone failed. This
  // encoder is of no use then.
  JpegBytes Encode(const DeviceFrame& frame, const JpegOptions& options);

 private:
  // Gives back what was made so far; nvJPEG's own calls do not fail then.
  void Destroy();
  void ReservePlanes(PictureSize size);
  void MakePlanes(const DeviceFrame& frame, const DeviceMemory& memory, const Framing& framing);
  JpegBytes Compress(PictureSize size, int quality);
  void Check(nvjpeg::Status status, const char* function) const;

  const std::shared_ptr<CudaContext> context_;
  const CudaStream stream_;
  // Luma, Cb, Cr; as large as the largest picture needed.
  std::unique_ptr<DeviceMemory> planes_[3];
  PictureSize capacity_ = {0, 0};
  nvjpeg::Handle handle_ = nullptr;
  nvjpeg::EncoderState state_ = nullptr;
  nvjpeg::EncoderParams params_ = nullptr;
};

}  // namespace framewell
