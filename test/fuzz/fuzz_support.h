// What the fuzz targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace framewell {

// A property that must hold whatever the input: its failure is a finding.
inline void Require(bool holds) {
  if (!holds) std::abort();
}

inline std::string_view Text(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

}  // namespace framewell
