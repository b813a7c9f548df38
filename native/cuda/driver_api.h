// NVIDIA's driver as it is found at run time: nothing of it is linked, so the addon builds and loads everywhere.
#pragma once

#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_nvcuvid.h>

#include <memory>
#include <string>

#include "cuda/nvjpeg_abi.h"
#include "cuda/nvml_abi.h"

namespace framewell {

// Functions of the driver API that FFmpeg's headers leave out, from the "CUDA Driver API" reference.
using CuDriverGetVersion = CUresult CUDAAPI(int* version);
using CuMemGetInfo = CUresult CUDAAPI(size_t* free, size_t* total);
using CuDeviceGetPciBusId = CUresult CUDAAPI(char* text, int length, CUdevice device);

// X(member, type, symbol)
#define FRAMEWELL_CUDA_FUNCTIONS(X)                                                   \
  X(init, tcuInit, "cuInit")                                                          \
  X(driver_get_version, CuDriverGetVersion, "cuDriverGetVersion")                     \
  X(get_error_name, tcuGetErrorName, "cuGetErrorName")                                \
  X(get_error_string, tcuGetErrorString, "cuGetErrorString")                          \
  X(device_get_count, tcuDeviceGetCount, "cuDeviceGetCount")                          \
  X(device_get, tcuDeviceGet, "cuDeviceGet")                                          \
  X(device_get_name, tcuDeviceGetName, "cuDeviceGetName")                             \
  X(device_get_pci_bus_id, CuDeviceGetPciBusId, "cuDeviceGetPCIBusId")                \
  X(primary_ctx_set_flags, tcuDevicePrimaryCtxSetFlags, "cuDevicePrimaryCtxSetFlags") \
  X(primary_ctx_retain, tcuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain")        \
  X(primary_ctx_release, tcuDevicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease")     \
  X(ctx_push_current, tcuCtxPushCurrent_v2, "cuCtxPushCurrent_v2")                    \
  X(ctx_pop_current, tcuCtxPopCurrent_v2, "cuCtxPopCurrent_v2")                       \
  X(mem_get_info, CuMemGetInfo, "cuMemGetInfo_v2")                                    \
  X(mem_alloc_pitch, tcuMemAllocPitch_v2, "cuMemAllocPitch_v2")                       \
  X(mem_free, tcuMemFree_v2, "cuMemFree_v2")                                          \
  X(memcpy_2d_async, tcuMemcpy2DAsync_v2, "cuMemcpy2DAsync_v2")                       \
  X(stream_create, tcuStreamCreate, "cuStreamCreate")                                 \
  X(stream_synchronize, tcuStreamSynchronize, "cuStreamSynchronize")                  \
  X(stream_destroy, tcuStreamDestroy_v2, "cuStreamDestroy_v2")                        \
  X(module_load_data, tcuModuleLoadData, "cuModuleLoadData")                          \
  X(module_unload, tcuModuleUnload, "cuModuleUnload")                                 \
  X(module_get_function, tcuModuleGetFunction, "cuModuleGetFunction")                 \
  X(launch_kernel, tcuLaunchKernel, "cuLaunchKernel")

#define FRAMEWELL_CUVID_FUNCTIONS(X)                                          \
  X(get_decoder_caps, tcuvidGetDecoderCaps, "cuvidGetDecoderCaps")            \
  X(create_decoder, tcuvidCreateDecoder, "cuvidCreateDecoder")                \
  X(destroy_decoder, tcuvidDestroyDecoder, "cuvidDestroyDecoder")             \
  X(reconfigure_decoder, tcuvidReconfigureDecoder, "cuvidReconfigureDecoder") \
  X(decode_picture, tcuvidDecodePicture, "cuvidDecodePicture")                \
  X(get_decode_status, tcuvidGetDecodeStatus, "cuvidGetDecodeStatus")         \
  X(map_video_frame, tcuvidMapVideoFrame64, "cuvidMapVideoFrame64")           \
  X(unmap_video_frame, tcuvidUnmapVideoFrame64, "cuvidUnmapVideoFrame64")     \
  X(create_video_parser, tcuvidCreateVideoParser, "cuvidCreateVideoParser")   \
  X(parse_video_data, tcuvidParseVideoData, "cuvidParseVideoData")            \
  X(destroy_video_parser, tcuvidDestroyVideoParser, "cuvidDestroyVideoParser")

#define FRAMEWELL_NVJPEG_FUNCTIONS(X)                                                                       \
  X(create, nvjpeg::Create, "nvjpegCreateSimple")                                                           \
  X(destroy, nvjpeg::Destroy, "nvjpegDestroy")                                                              \
  X(encoder_state_create, nvjpeg::EncoderStateCreate, "nvjpegEncoderStateCreate")                           \
  X(encoder_state_destroy, nvjpeg::EncoderStateDestroy, "nvjpegEncoderStateDestroy")                        \
  X(encoder_params_create, nvjpeg::EncoderParamsCreate, "nvjpegEncoderParamsCreate")                        \
  X(encoder_params_destroy, nvjpeg::EncoderParamsDestroy, "nvjpegEncoderParamsDestroy")                     \
  X(set_quality, nvjpeg::EncoderParamsSetQuality, "nvjpegEncoderParamsSetQuality")                          \
  X(set_sampling_factors, nvjpeg::EncoderParamsSetSamplingFactors, "nvjpegEncoderParamsSetSamplingFactors") \
  X(encode_yuv, nvjpeg::EncodeYuv, "nvjpegEncodeYUV")                                                       \
  X(retrieve_bitstream, nvjpeg::EncodeRetrieveBitstream, "nvjpegEncodeRetrieveBitstream")

#define FRAMEWELL_NVML_FUNCTIONS(X)                                                                     \
  X(init, nvml::Init, "nvmlInit_v2")                                                                    \
  X(system_get_driver_version, nvml::SystemGetDriverVersion, "nvmlSystemGetDriverVersion")              \
  X(device_get_handle, nvml::DeviceGetHandleByPciBusId, "nvmlDeviceGetHandleByPciBusId_v2")             \
  X(device_get_utilization, nvml::DeviceGetUtilizationRates, "nvmlDeviceGetUtilizationRates")           \
  X(device_get_decoder_utilization, nvml::DeviceGetCodecUtilization, "nvmlDeviceGetDecoderUtilization") \
  X(device_get_encoder_utilization, nvml::DeviceGetCodecUtilization, "nvmlDeviceGetEncoderUtilization") \
  X(device_get_temperature, nvml::DeviceGetTemperature, "nvmlDeviceGetTemperature")

// Every function that the engine calls. Never null in a table that LoadDriver gave out, but for NVML's.
struct DriverApi {
#define FRAMEWELL_DECLARE(member, type, symbol) type* member = nullptr;
  struct {
    FRAMEWELL_CUDA_FUNCTIONS(FRAMEWELL_DECLARE)
  } cuda;
  struct {
    FRAMEWELL_CUVID_FUNCTIONS(FRAMEWELL_DECLARE)
  } cuvid;
  struct {
    FRAMEWELL_NVJPEG_FUNCTIONS(FRAMEWELL_DECLARE)
  } jpeg;
  struct {
    FRAMEWELL_NVML_FUNCTIONS(FRAMEWELL_DECLARE)
    // Null in drivers before 510.
    nvml::DeviceGetProcesses* device_get_processes = nullptr;
  } nvml;
#undef FRAMEWELL_DECLARE
  // NVML is for figures only: without it there are fewer.
  bool has_nvml = false;
};

struct DriverReport {
  // Null when `reason` says why. The libraries behind it are never closed, since the driver's own threads and exit
  // handlers may still run in them.
  std::shared_ptr<const DriverApi> api;
  // In words that a person can act on: which library, which device, what to install or set.
  std::string reason;
  // NVIDIA's libraries were replaced by the test double that FRAMEWELL_STAND_IN_DRIVER names.
  bool stand_in = false;
  // The newest CUDA that the driver knows: 1000 * major + 10 * minor. 0 without one.
  int cuda_version = 0;
  // Which libnvjpeg was taken.
  std::string jpeg_library;
  int device_count = 0;
};

// Opens the libraries and asks for devices. `stand_in_folder` is empty for NVIDIA's own, which the system's loader
// finds. A library that says it is the test double is refused there, and one that is not is refused in a folder:
// neither is ever taken for the other. Thread-safe; each call opens anew.
DriverReport LoadDriver(const std::string& stand_in_folder);

// The process's driver: loaded at the first call, from FRAMEWELL_STAND_IN_DRIVER where that is set.
const DriverReport& Driver();

}  // namespace framewell
