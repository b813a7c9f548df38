// 8-bit planar 4:2:0 pictures, as JPEG compression takes them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "jpeg/picture_size.h"

namespace framewell {

// Rounded up, for an odd row or column has a chroma sample too.
constexpr PictureSize ChromaSize(PictureSize size) { return {(size.width + 1) / 2, (size.height + 1) / 2}; }

// Y, Cb and Cr of somebody else's memory. Luma can be read up to the next even width and height:
// turbojpeg reads whole pairs.
template <typename Sample>
struct BasicYuvPlanes {
  std::array<Sample*, 3> data;
  std::array<int, 3> stride;  // Bytes.
  PictureSize size;
};
using YuvPlanes = BasicYuvPlanes<const uint8_t>;
using MutableYuvPlanes = BasicYuvPlanes<uint8_t>;

constexpr YuvPlanes ReadOnly(const MutableYuvPlanes& planes) {
  return {{planes.data[0], planes.data[1], planes.data[2]}, planes.stride, planes.size};
}

// Scratch memory, aligned for any vector instruction, that grows to the largest size asked for.
class AlignedBuffer {
 public:
  static constexpr size_t kAlignment = 64;

  static constexpr size_t RoundUp(size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

  // At least `size` bytes, contents undefined, valid until the next call. Throws std::bad_alloc.
  uint8_t* Reserve(size_t size);

 private:
  struct Free {
    void operator()(uint8_t* data) const noexcept { std::free(data); }
  };
  std::unique_ptr<uint8_t, Free> data_;
  size_t capacity_ = 0;
};

// Lays out planes of `size` in `buffer`, every row aligned.
MutableYuvPlanes LayOutPlanes(AlignedBuffer& buffer, PictureSize size);

}  // namespace framewell
