// A growing run of bytes that is moved, not copied, from the depacketizer into the GOP ring.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace framewell {

// Unlike std::vector it does not zero what it is about to overwrite, gives spare memory back without a copy (realloc
// shrinks in place), and keeps kPadding zero bytes behind its end once sealed, as libavcodec's bitstream readers
// need. Movable; not thread-safe.
class ByteBuffer {
 public:
  // At least AV_INPUT_BUFFER_PADDING_SIZE; native/ingest/access_unit.h holds it.
  static constexpr size_t kPadding = 64;

  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::span<const uint8_t> data() const { return {bytes_.get(), size_}; }
  uint8_t* mutable_data() { return bytes_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void Reserve(size_t size) {
    if (size + kPadding > capacity_) Reallocate(size + kPadding);
  }
  void Append(std::span<const uint8_t> piece) {
    if (size_ + piece.size() + kPadding > capacity_) {
      Reallocate(std::max(size_ + piece.size() + kPadding, capacity_ + capacity_ / 2));
    }
    std::copy(piece.begin(), piece.end(), bytes_.get() + size_);
    size_ += piece.size();
  }
  void PutBefore(std::span<const uint8_t> prefix) {
    Reserve(size_ + prefix.size());
    std::memmove(bytes_.get() + prefix.size(), bytes_.get(), size_);
    std::copy(prefix.begin(), prefix.end(), bytes_.get());
    size_ += prefix.size();
  }
  // Both keep the memory.
  void Clear() { size_ = 0; }
  void Truncate(size_t size) { size_ = std::min(size_, size); }

  // Nothing more will be added: gives spare memory back and zeroes the padding.
  void Seal() {
    Reallocate(size_ + kPadding);
    std::memset(bytes_.get() + size_, 0, kPadding);
  }

 private:
  struct Free {
    void operator()(uint8_t* bytes) const noexcept { std::free(bytes); }
  };

  void Reallocate(size_t capacity) {
    auto* moved = static_cast<uint8_t*>(std::realloc(bytes_.get(), capacity));
    if (!moved) throw std::bad_alloc();
    static_cast<void>(bytes_.release());  // realloc has freed or moved it.
    bytes_.reset(moved);
    capacity_ = capacity;
  }

  std::unique_ptr<uint8_t, Free> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace framewell
