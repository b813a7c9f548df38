// The devices and their primary contexts, for the files of the double's libcuda.so.1.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "stand_in.h"

// A context is its device's primary one; no other kind can be made.
struct CUctx_st {
  int ordinal = 0;
  int retained = 0;
  unsigned int flags = 0;
  // The code that every call answers with once the context is lost.
  int lost = 0;
  size_t total_bytes = 0;
  size_t used_bytes = 0;
  std::map<const void*, std::string> objects;
  // First byte and size.
  std::map<const unsigned char*, size_t> blocks;
};

namespace stand_in {

struct Devices {
  std::mutex mutex;
  bool initialized = false;
  std::vector<CUctx_st> contexts;  // One a device; never grows.
};

// Never destroyed.
Devices& TheDevices();

// What a context takes for itself.
constexpr size_t kContextBytes = 32u << 20;

}  // namespace stand_in
