// Gives memory back to the system when decoders close.
#pragma once

namespace framewell {

// Held by each decoder, and let go after everything that it has taken from the heap. A decoder takes a megabyte and
// more in small pieces, which the C library keeps once they are free: 32 cameras of 160x90 that had been looked at a
// single time kept 55 MB for good. So the heap is trimmed whenever half of the decoders that were open have closed,
// which is seldom while many open and close. Thread-safe.
class HeapShare {
 public:
  HeapShare();
  ~HeapShare();
  HeapShare(const HeapShare&) = delete;
  HeapShare& operator=(const HeapShare&) = delete;
};

}  // namespace framewell
