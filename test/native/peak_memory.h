// How much memory something takes at its highest.
#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <string>

namespace framewell {

// Of the process, resident, in megabytes.
class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";
    before_ = Read();
  }
  long Grown() const { return Read() - before_; }

 private:
  static long Read() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) / 1024;
    }
    FAIL("No VmHWM");
    return 0;
  }

  long before_ = 0;
};

}  // namespace framewell
