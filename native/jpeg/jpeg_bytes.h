// An encoded picture on its way to JavaScript.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace framewell {

// Owns exactly the JPEG's bytes, allocated by malloc.
class JpegBytes {
 public:
  struct Free {
    void operator()(uint8_t* data) const noexcept { std::free(data); }
  };
  using Buffer = std::unique_ptr<uint8_t, Free>;

  JpegBytes(Buffer data, size_t size) : data_(std::move(data)), size_(size) {}

  const uint8_t* data() const { return data_.get(); }
  size_t size() const { return size_; }

  // Hands the bytes over without a copy: the caller calls std::free.
  uint8_t* Release() { return data_.release(); }

 private:
  Buffer data_;
  size_t size_;
};

}  // namespace framewell
