#include "decode/heap_share.h"

#include <algorithm>
#include <cstddef>
#include <mutex>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace framewell {
namespace {

std::mutex mutex;
// Both guarded by mutex.
size_t open_shares = 0;
// The most that were open since the heap was trimmed.
size_t most_open = 0;

void TrimHeap() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace

HeapShare::HeapShare() {
  const std::lock_guard lock(mutex);
  most_open = std::max(most_open, ++open_shares);
}

HeapShare::~HeapShare() {
  {
    const std::lock_guard lock(mutex);
    if (--open_shares > most_open / 2) return;
    most_open = open_shares;
  }
  TrimHeap();
}

}  // namespace framewell
