#include "stand_in_support.h"

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <stdexcept>

namespace framewell::test {
namespace {

template <typename Function>
Function* Find(const char* symbol) {
  // The library stays open for the life of the process, as in the engine.
  static void* const library = dlopen((StandInFolder() + "/libcuda.so.1").c_str(), RTLD_NOW | RTLD_LOCAL);
  auto* const function = reinterpret_cast<Function*>(library ? dlsym(library, symbol) : nullptr);
  if (!function) throw std::runtime_error(dlerror());
  return function;
}

}  // namespace

std::string StandInFolder() {
  const char* const folder = std::getenv("FRAMEWELL_STAND_IN_DRIVER");
  if (!folder) throw std::runtime_error("Expected FRAMEWELL_STAND_IN_DRIVER; run the tests by make check");
  return folder;
}

StandIn::~StandIn() {
  SetFaults("");
  CHECK(TakeViolations() == "");
}

void StandIn::SetFaults(const std::string& faults) {
  Find<void(const char*)>("framewell_stand_in_set_faults")(faults.c_str());
}

std::string StandIn::TakeViolations() { return Find<const char*()>("framewell_stand_in_take_violations")(); }

}  // namespace framewell::test
