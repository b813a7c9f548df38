#include "cuda/driver_api.h"

#include <dlfcn.h>

#include <cstdlib>
#include <memory>
#include <utility>

namespace framewell {
namespace {

// CUDA 11, driver 450: the oldest with every function above, and the oldest that a libnvjpeg with our interface runs
// on.
constexpr int kOldestCuda = 11'000;
constexpr int kNvjpegMajors[] = {13, 12, 11};
// The test double exports it, NVIDIA's libraries do not.
constexpr char kStandInMark[] = "framewell_stand_in";

// What is missing, in words. Caught in LoadDriver.
struct Missing {
  std::string reason;
};

std::string VersionText(int cuda_version) {
  return std::to_string(cuda_version / 1000) + "." + std::to_string(cuda_version % 1000 / 10);
}

class Loader {
 public:
  explicit Loader(const std::string& folder) : folder_(folder) {}

  // Throws Missing. `advice` is added where the library was not found.
  void* Open(const std::string& name, const std::string& advice) const {
    const std::string path = folder_.empty() ? name : folder_ + "/" + name;
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) throw Missing{dlerror() + advice};
    const bool is_stand_in = dlsym(library, kStandInMark) != nullptr;
    if (is_stand_in == folder_.empty()) {
      throw Missing{name + (is_stand_in
                                ? ": a test double was found where NVIDIA's library is expected"
                                : ": FRAMEWELL_STAND_IN_DRIVER names a folder whose library is no test double")};
    }
    return library;
  }

  template <typename Function>
  static void Find(void* library, const char* library_name, const char* symbol, Function*& function) {
    function = reinterpret_cast<Function*>(dlsym(library, symbol));
    if (!function) throw Missing{std::string(library_name) + " has no " + symbol + ": the driver is too old"};
  }

 private:
  const std::string folder_;
};

#define FRAMEWELL_FIND(member, type, symbol) Loader::Find(library, name, symbol, table.member);

template <typename Table>
void LoadCuda(const Loader& loader, Table& table) {
  const char* name = "libcuda.so.1";
  void* const library = loader.Open(name, ". It comes with NVIDIA's driver");
  FRAMEWELL_CUDA_FUNCTIONS(FRAMEWELL_FIND)
}

template <typename Table>
void LoadCuvid(const Loader& loader, Table& table) {
  const char* name = "libnvcuvid.so.1";
  // The container toolkit mounts it for the "video" capability only, which is not among its defaults.
  void* const library = loader.Open(name,
                                    ". It comes with NVIDIA's driver; in a container it is there when "
                                    "NVIDIA_DRIVER_CAPABILITIES=compute,video,utility is set");
  FRAMEWELL_CUVID_FUNCTIONS(FRAMEWELL_FIND)
}

// One no newer than the driver; CUDA's minor versions are compatible with each other, its major ones are not.
template <typename Table>
std::string LoadNvjpeg(const Loader& loader, int cuda_version, Table& table) {
  std::string tried;
  for (const int major : kNvjpegMajors) {
    if (major > cuda_version / 1000) continue;
    std::string file = "libnvjpeg.so." + std::to_string(major);
    const char* name = file.c_str();
    try {
      void* const library = loader.Open(file, "");
      FRAMEWELL_NVJPEG_FUNCTIONS(FRAMEWELL_FIND)
      return file;
    } catch (const Missing& missing) {
      tried += (tried.empty() ? "" : "; ") + missing.reason;
    }
  }
  throw Missing{tried + ". nvJPEG comes with the CUDA toolkit's run-time packages (libnvjpeg), not with the driver"};
}

template <typename Table>
bool LoadNvml(const Loader& loader, Table& table) {
  const char* name = "libnvidia-ml.so.1";
  try {
    void* const library = loader.Open(name, "");
    FRAMEWELL_NVML_FUNCTIONS(FRAMEWELL_FIND)
    constexpr char kProcesses[] = "nvmlDeviceGetComputeRunningProcesses_v3";
    table.device_get_processes = reinterpret_cast<nvml::DeviceGetProcesses*>(dlsym(library, kProcesses));
  } catch (const Missing&) {
    return false;
  }
  return table.init() == nvml::kSuccess;
}

#undef FRAMEWELL_FIND

void Check(const DriverApi& api, CUresult result, const char* function) {
  if (result == CUDA_SUCCESS) return;
  const char* text = nullptr;
  api.cuda.get_error_string(result, &text);
  throw Missing{std::string(function) + " failed: " + (text ? text : "unknown error") + " (" +
                std::to_string(static_cast<int>(result)) + ")"};
}

// Fills `report` as far as it comes. Throws Missing.
void Load(const std::string& folder, DriverApi& api, DriverReport& report) {
  const Loader loader(folder);
  LoadCuda(loader, api.cuda);
  Check(api, api.cuda.driver_get_version(&report.cuda_version), "cuDriverGetVersion");
  if (report.cuda_version < kOldestCuda) {
    throw Missing{"Expected a driver for CUDA " + VersionText(kOldestCuda) +
                  " or newer (450 or newer) but received one for CUDA " + VersionText(report.cuda_version)};
  }
  Check(api, api.cuda.init(0), "cuInit");
  Check(api, api.cuda.device_get_count(&report.device_count), "cuDeviceGetCount");
  if (report.device_count == 0) throw Missing{"NVIDIA's driver is there but it sees no device"};
  LoadCuvid(loader, api.cuvid);
  report.jpeg_library = LoadNvjpeg(loader, report.cuda_version, api.jpeg);
  api.has_nvml = LoadNvml(loader, api.nvml);
}

}  // namespace

DriverReport LoadDriver(const std::string& stand_in_folder) {
  DriverReport report;
  report.stand_in = !stand_in_folder.empty();
  auto api = std::make_shared<DriverApi>();
  try {
    Load(stand_in_folder, *api, report);
    report.api = std::move(api);
  } catch (const Missing& missing) {
    report.reason = missing.reason;
  }
  return report;
}

const DriverReport& Driver() {
  // Outlives the threads and objects that still hold on to it while the process exits.
  static const DriverReport& report = *[] {
    const char* const folder = std::getenv("FRAMEWELL_STAND_IN_DRIVER");
    return new DriverReport(LoadDriver(folder ? folder : ""));
  }();
  return report;
}

}  // namespace framewell
