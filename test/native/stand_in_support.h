// The stand-in driver as the tests see it.
#pragma once

#include <string>

namespace framewell::test {

// Where the double's libraries lie; the Makefile builds them and says so.
std::string StandInFolder();

// While one lives the double fails as told. At its end nothing fails any more, and the test fails if a rule of the
// driver was broken meanwhile.
class StandIn {
 public:
  explicit StandIn(const std::string& faults = "") { SetFaults(faults); }
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  // As FRAMEWELL_STAND_IN_FAULTS; see stand-in/stand_in.h.
  void SetFaults(const std::string& faults);
  // Broken rules so far, a line each; they are forgotten then.
  std::string TakeViolations();
};

}  // namespace framewell::test
