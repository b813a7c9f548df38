// The card's memory: heap blocks under the device's cap. Copies must lie inside one block.
#include <cstdlib>
#include <cstring>
#include <new>

#include "contexts.h"

namespace stand_in {
namespace {

// The pitch that cards give rows.
constexpr size_t kPitchAlignment = 512;

CUresult Result(int code) { return static_cast<CUresult>(code); }

CUdeviceptr DevicePointer(const void* memory) { return reinterpret_cast<CUdeviceptr>(memory); }

struct Side {
  unsigned char* base;
  size_t pitch;
  bool on_device;
};

unsigned char* FirstByte(unsigned char* base, size_t x, size_t y, size_t pitch) { return base + y * pitch + x; }

}  // namespace

bool Charge(size_t bytes) {
  const std::lock_guard lock(TheDevices().mutex);
  CUctx_st& context = *Current();
  if (context.used_bytes + bytes > context.total_bytes) return false;
  context.used_bytes += bytes;
  return true;
}

void Refund(size_t bytes) {
  const std::lock_guard lock(TheDevices().mutex);
  Current()->used_bytes -= bytes;
}

size_t UsedBytes(int ordinal) {
  const std::lock_guard lock(TheDevices().mutex);
  return TheDevices().contexts.at(ordinal).used_bytes;
}

void* Allocate(size_t bytes) {
  if (!Charge(bytes)) return nullptr;
  // What lies in a card's memory is not zero.
  auto* const memory = static_cast<unsigned char*>(std::malloc(bytes));
  std::memset(memory, 0xA5, bytes);
  const std::lock_guard lock(TheDevices().mutex);
  Current()->blocks.emplace(memory, bytes);
  return memory;
}

void Free(void* memory) {
  size_t bytes = 0;
  {
    const std::lock_guard lock(TheDevices().mutex);
    auto& blocks = Current()->blocks;
    const auto found = blocks.find(static_cast<unsigned char*>(memory));
    if (found == blocks.end()) {
      Violation("memory was freed that is not allocated in the current context");
      return;
    }
    bytes = found->second;
    blocks.erase(found);
  }
  Refund(bytes);
  std::free(memory);
}

bool CheckRange(const void* first, size_t bytes, const char* what) {
  const auto* const begin = static_cast<const unsigned char*>(first);
  const std::lock_guard lock(TheDevices().mutex);
  const auto& blocks = Current()->blocks;
  auto after = blocks.upper_bound(begin);
  const bool inside = after != blocks.begin() && begin + bytes <= std::prev(after)->first + std::prev(after)->second;
  if (!inside) Violation(std::string(what) + " reached outside of the card's memory");
  return inside;
}

}  // namespace stand_in

using namespace stand_in;

extern "C" {

STAND_IN_EXPORT CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  if (const CUresult result = Enter("MemGetInfo")) return result;
  const std::lock_guard lock(TheDevices().mutex);
  *total = Current()->total_bytes;
  *free = Current()->total_bytes - Current()->used_bytes;
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuMemAllocPitch_v2(CUdeviceptr* pointer, size_t* pitch, size_t width, size_t height,
                                            unsigned int) {
  if (const CUresult result = Enter("MemAlloc")) return result;
  *pitch = (width + kPitchAlignment - 1) / kPitchAlignment * kPitchAlignment;
  void* const memory = Allocate(*pitch * height);
  *pointer = DevicePointer(memory);
  return Result(memory ? 0 : kOutOfMemory);
}

// Frees in a lost context too, as the context's end would.
STAND_IN_EXPORT CUresult cuMemFree_v2(CUdeviceptr pointer) {
  const CUresult result = Enter("MemFree");
  if (Current()) Free(reinterpret_cast<void*>(pointer));
  return result;
}

STAND_IN_EXPORT CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* copy, CUstream stream) {
  if (const CUresult result = Enter("Memcpy2D")) return result;
  if (!stream) Violation("a copy was put on the NULL stream, which holds up all others");
  const bool from_device = copy->srcMemoryType == CU_MEMORYTYPE_DEVICE;
  const bool to_device = copy->dstMemoryType == CU_MEMORYTYPE_DEVICE;
  const auto* const source = FirstByte(from_device ? reinterpret_cast<unsigned char*>(copy->srcDevice)
                                                   : static_cast<unsigned char*>(const_cast<void*>(copy->srcHost)),
                                       copy->srcXInBytes, copy->srcY, copy->srcPitch);
  auto* const target = FirstByte(
      to_device ? reinterpret_cast<unsigned char*>(copy->dstDevice) : static_cast<unsigned char*>(copy->dstHost),
      copy->dstXInBytes, copy->dstY, copy->dstPitch);
  if (copy->WidthInBytes > copy->srcPitch || copy->WidthInBytes > copy->dstPitch) return Result(kInvalidValue);
  const auto reach = [&](size_t pitch) { return (copy->Height - 1) * pitch + copy->WidthInBytes; };
  if (from_device && !CheckRange(source, reach(copy->srcPitch), "a copy's source")) return Result(kIllegalAddress);
  if (to_device && !CheckRange(target, reach(copy->dstPitch), "a copy's target")) return Result(kIllegalAddress);
  for (size_t y = 0; y < copy->Height; ++y) {
    std::memcpy(target + y * copy->dstPitch, source + y * copy->srcPitch, copy->WidthInBytes);
  }
  return CUDA_SUCCESS;
}
}
