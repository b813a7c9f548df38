// RAII for what lives in a context: rows of memory and streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "cuda/cuda_context.h"

namespace framewell {

// Rows on the card, as far apart as it likes them.
class DeviceMemory {
 public:
  // Throws CudaError.
  DeviceMemory(std::shared_ptr<CudaContext> context, size_t row_bytes, size_t rows);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  const std::shared_ptr<CudaContext>& context() const { return context_; }
  CUdeviceptr address() const { return address_; }
  CUdeviceptr RowAddress(size_t row) const { return address_ + row * pitch_; }
  uint8_t* RowPointer(size_t row) const {
    // CUDA's addresses are numbers.
    return reinterpret_cast<uint8_t*>(RowAddress(row));  // NOLINT(performance-no-int-to-ptr)
  }
  // Bytes from row to row.
  size_t pitch() const { return pitch_; }
  size_t rows() const { return rows_; }

 private:
  const std::shared_ptr<CudaContext> context_;
  const size_t rows_;
  CUdeviceptr address_ = 0;
  size_t pitch_ = 0;
};

// Work queued on it runs in order, and beside that of other streams.
class CudaStream {
 public:
  // Throws CudaError.
  explicit CudaStream(std::shared_ptr<CudaContext> context);
  ~CudaStream();
  CudaStream(const CudaStream&) = delete;
  CudaStream& operator=(const CudaStream&) = delete;

  CUstream get() const { return stream_; }
  // Waits until everything queued is done. Needs a CudaScope. Throws CudaError.
  void Synchronize() const;

 private:
  const std::shared_ptr<CudaContext> context_;
  CUstream stream_ = nullptr;
};

}  // namespace framewell
