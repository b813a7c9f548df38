#include "jpeg/yuv_planes.h"

#include <new>

namespace framewell {

uint8_t* AlignedBuffer::Reserve(size_t size) {
  if (size > capacity_) {
    data_.reset();
    capacity_ = 0;
    const size_t capacity = RoundUp(size);
    data_.reset(static_cast<uint8_t*>(std::aligned_alloc(kAlignment, capacity)));
    if (!data_) throw std::bad_alloc();
    capacity_ = capacity;
  }
  return data_.get();
}

MutableYuvPlanes LayOutPlanes(AlignedBuffer& buffer, PictureSize size) {
  const PictureSize chroma = ChromaSize(size);
  const size_t luma_stride = AlignedBuffer::RoundUp(2 * static_cast<size_t>(chroma.width));
  const size_t chroma_stride = AlignedBuffer::RoundUp(chroma.width);
  const size_t luma_bytes = luma_stride * 2 * chroma.height;
  const size_t chroma_bytes = chroma_stride * chroma.height;
  uint8_t* const base = buffer.Reserve(luma_bytes + 2 * chroma_bytes);
  return {
      .data = {base, base + luma_bytes, base + luma_bytes + chroma_bytes},
      .stride = {static_cast<int>(luma_stride), static_cast<int>(chroma_stride), static_cast<int>(chroma_stride)},
      .size = size,
  };
}

}  // namespace framewell
