// One card as the engine uses it: its context while there is one, its encoders, who decodes on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cuda/cuda_error.h"
#include "decode/video_decoder.h"
#include "jpeg/jpeg_bytes.h"
#include "jpeg/jpeg_encoder.h"

namespace framewell {

class CudaContext;
class NvdecDecoder;
class NvjpegEncoder;
struct DriverApi;

struct GpuStatus {
  int ordinal = 0;
  std::string name;
  std::string pci_bus_id;
  // Why the card is not in use now; empty when it is.
  std::string unavailable;
  // Objects that hold the context: decoders, frames, encoders.
  size_t context_users = 0;
  size_t decoders = 0;
  uint64_t times_lost = 0;
  // Pictures that the card's encoder failed on, and that the CPU encoded. The last reason.
  uint64_t encodes_on_cpu = 0;
  std::string encode_failure;
  // Bytes; absent while there is no context.
  std::optional<size_t> memory_free, memory_total;
  // From NVML, where it is there: bytes that are this process's, percent of the last sample period, degrees Celsius.
  std::string driver_version;
  std::optional<unsigned long long> memory_of_process;
  std::optional<unsigned> utilization, decoder_utilization, encoder_utilization, temperature;
};

// Which card the frame is on, and how much of its memory it takes.
int OrdinalOf(const DeviceFrame& frame);
size_t BytesOf(const DeviceFrame& frame);

// Thread-safe. Held by shared_ptr; decoders keep it alive.
class Gpu : public std::enable_shared_from_this<Gpu> {
 public:
  // `ordinal` is below the driver's count. The context is retained with the first decoder, and kept.
  Gpu(std::shared_ptr<const DriverApi> api, int ordinal);
  ~Gpu();

  int ordinal() const { return ordinal_; }
  size_t decoders() const;

  // Throws CudaError.
  std::unique_ptr<VideoDecoder> OpenDecoder(AVCodecID codec);

  // One picture of an MJPEG camera, whichever that is. As Decode() of an MJPEG decoder. Throws CudaError.
  DecodeResult DecodeJpeg(const AccessUnitPtr& jpeg);

  // A picture of one of this card's decoders. Where nvJPEG alone fails the CPU encodes. Throws EngineError.
  JpegBytes Encode(const DeviceFrame& frame, const JpegOptions& options);

  GpuStatus status() const;

 private:
  class CountedDecoder;

  // Throws CudaError kLost as long as somebody still holds the one that was lost.
  std::shared_ptr<CudaContext> Context();
  std::unique_ptr<NvdecDecoder> BorrowJpegDecoder();
  std::unique_ptr<NvjpegEncoder> BorrowEncoder(const std::shared_ptr<CudaContext>& context);
  void ReturnEncoder(std::unique_ptr<NvjpegEncoder> encoder);
  void DropLostContext();  // Needs mutex_.
  void AddSensors(GpuStatus& status) const;

  const std::shared_ptr<const DriverApi> api_;
  const int ordinal_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  std::shared_ptr<CudaContext> context_;
  std::weak_ptr<CudaContext> lost_context_;
  std::string unavailable_;
  std::vector<std::unique_ptr<NvjpegEncoder>> idle_encoders_;
  std::vector<std::unique_ptr<NvdecDecoder>> idle_jpeg_decoders_;
  size_t decoders_ = 0;
  uint64_t times_lost_ = 0;
  uint64_t encodes_on_cpu_ = 0;
  std::string encode_failure_;
};

}  // namespace framewell
