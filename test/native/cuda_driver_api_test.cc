// What is said where the driver or a part of it is missing.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <turbojpeg.h>

#include <filesystem>

#include "cuda/driver_api.h"
#include "stand_in_support.h"

namespace framewell {
namespace {

using test::StandIn;
using test::StandInFolder;

// The double's libraries without one of them, which may be another file instead.
class PartialDriver {
 public:
  explicit PartialDriver(const std::string& missing) {
    char name[] = "/tmp/framewell-driver-XXXXXX";
    folder_ = mkdtemp(name);
    for (const auto& library : std::filesystem::directory_iterator(StandInFolder())) {
      if (library.path().filename() == missing) continue;
      std::filesystem::create_symlink(std::filesystem::absolute(library.path()), folder_ / library.path().filename());
    }
  }
  ~PartialDriver() { std::filesystem::remove_all(folder_); }

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

bool Contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("the stand-in driver is found, and says that it is one") {
  const StandIn stand_in;
  const DriverReport report = LoadDriver(StandInFolder());
  REQUIRE(report.reason == "");
  REQUIRE(report.api);
  CHECK(report.stand_in);
  CHECK(report.cuda_version == 12'040);
  CHECK(report.jpeg_library == "libnvjpeg.so.12");
  CHECK(report.device_count == 1);
  CHECK(report.api->has_nvml);
}

TEST_CASE("a missing library is named, with what to do") {
  const StandIn stand_in;
  struct {
    const char* library;
    const char* advice;
  } const cases[] = {
      {"libcuda.so.1", "NVIDIA's driver"},
      {"libnvcuvid.so.1", "NVIDIA_DRIVER_CAPABILITIES=compute,video,utility"},
      {"libnvjpeg.so.12", "CUDA toolkit's run-time packages"},
  };
  for (const auto& [library, advice] : cases) {
    CAPTURE(library);
    const PartialDriver driver(library);
    const DriverReport report = LoadDriver(driver.folder());
    CHECK_FALSE(report.api);
    CHECK(Contains(report.reason, library));
    CHECK(Contains(report.reason, "cannot open shared object file"));
    CHECK(Contains(report.reason, advice));
  }
}

TEST_CASE("without NVML there are fewer figures and nothing else") {
  const StandIn stand_in;
  const PartialDriver driver("libnvidia-ml.so.1");
  const DriverReport report = LoadDriver(driver.folder());
  REQUIRE(report.api);
  CHECK_FALSE(report.api->has_nvml);
}

TEST_CASE("a library that is no test double is refused where one is asked for") {
  const StandIn stand_in;
  const PartialDriver driver("libcuda.so.1");
  Dl_info other = {};
  REQUIRE(dladdr(reinterpret_cast<void*>(tjInitCompress), &other) != 0);
  std::filesystem::create_symlink(other.dli_fname, driver.folder() / "libcuda.so.1");
  const DriverReport report = LoadDriver(driver.folder());
  CHECK_FALSE(report.api);
  CHECK(Contains(report.reason, "FRAMEWELL_STAND_IN_DRIVER names a folder whose library is no test double"));
}

TEST_CASE("a driver that does not work says why") {
  StandIn stand_in;
  struct {
    const char* fault;
    const char* reason;
  } const cases[] = {
      {"Init=100", "cuInit failed: stand-in error 100 (100)"},
      {"DriverGetVersion=10020",
       "Expected a driver for CUDA 11.0 or newer (450 or newer) but received one for CUDA 10.2"},
      {"DriverGetVersion=11080", "CUDA toolkit's run-time packages"},
      {"DeviceGetCount=999", "cuDeviceGetCount failed"},
  };
  for (const auto& [fault, reason] : cases) {
    CAPTURE(fault);
    stand_in.SetFaults(fault);
    const DriverReport report = LoadDriver(StandInFolder());
    CHECK_FALSE(report.api);
    CHECK(Contains(report.reason, reason));
  }
}

}  // namespace
}  // namespace framewell
